import { type ComponentType, lazy } from "react";
import type { IconName } from "@/components/Icon.tsx";
import type { PageId } from "@/lib/view.ts";

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
    Page: lazy(() => import("@/features/overview/Page.tsx")),
  },
  { id: "api", name: "API", icon: "api", Page: lazy(() => import("@/features/api/Page.tsx")) },
  {
    id: "models",
    name: "Models",
    icon: "models",
    Page: lazy(() => import("@/features/models/Page.tsx")),
  },
];
