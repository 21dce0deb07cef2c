export default function Page() {
  return <h1 className="unseen">models</h1>;
}
