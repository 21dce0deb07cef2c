import type { ComponentType } from "react";
import type { IconName } from "@/components/Icon.tsx";
import type { PageId } from "@/lib/view.ts";
import { chunk } from "@/live/chunk.ts";

interface Page {
  id: PageId;
  name: string;
  icon: IconName;
  Page: ComponentType;
}

/** The pages there are: the rail, the palette and the keys all read this. */
export const PAGES: Page[] = [
  {
    id: "overview",
    name: "Overview",
    icon: "overview",
    Page: chunk(() => import("@/features/overview/Page.tsx")),
  },
  { id: "api", name: "API", icon: "api", Page: chunk(() => import("@/features/api/Page.tsx")) },
  {
    id: "models",
    name: "Models",
    icon: "models",
    Page: chunk(() => import("@/features/models/Page.tsx")),
  },
  {
    id: "explore",
    name: "Explore",
    icon: "explore",
    Page: chunk(() => import("@/features/explore/Page.tsx")),
  },
];
