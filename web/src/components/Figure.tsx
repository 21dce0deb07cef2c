import { quantity, type Unit } from "@/lib/format.ts";

/** A number with its unit. */
export function Figure({ value, unit }: { value: number | null | undefined; unit: Unit }) {
  const shown = quantity(value, unit);
  return (
    <>
      {shown.value}
      {shown.unit && (
        <span className="unit">
          {shown.unit.startsWith("/") ? "" : " "}
          {shown.unit}
        </span>
      )}
    </>
  );
}
