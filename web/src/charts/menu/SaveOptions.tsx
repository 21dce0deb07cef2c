import { Option } from "@/components/Option.tsx";
import { fileName, toCsv } from "@/lib/table.ts";
import { jsonOf, type Shown, save, sheetOfShown } from "./files.ts";
import { paint } from "./picture.ts";

interface Properties {
  title: string;
  shown: Shown;
  card: () => Element | null;
  onDone: () => void;
}

/** What is shown, as a file. */
export function SaveOptions({ title, shown, card, onDone }: Properties) {
  const put = (ending: string, content: Blob | null) => {
    if (content) save(fileName(title, ending), content);
    onDone();
  };
  const csv = () => put("csv", new Blob([toCsv(sheetOfShown(shown))], { type: "text/csv" }));
  const json = () => put("json", new Blob([jsonOf(title, shown)], { type: "application/json" }));
  const png = async () => {
    const box = card();
    put("png", box && (await paint(box, title)));
  };
  return (
    <>
      <div className="option-group">Save what is shown</div>
      <Option testId="save-csv" aside="CSV" onClick={csv}>
        Table
      </Option>
      <Option testId="save-json" aside="JSON" onClick={json}>
        Data
      </Option>
      {!shown.plain && (
        <Option testId="save-png" aside="PNG" onClick={() => void png()}>
          Picture
        </Option>
      )}
    </>
  );
}
