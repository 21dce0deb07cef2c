import { Skeleton } from "@/components/Skeleton.tsx";

/** The shape of a page whose code is on its way. */
export function Coming() {
  return (
    <div className="page coming" role="status" aria-label="The page is loading">
      <Skeleton width={420} height={26} />
      <Skeleton height={122} />
      <Skeleton height={270} />
    </div>
  );
}
