export default function Page() {
  return <h1 className="unseen">api</h1>;
}
