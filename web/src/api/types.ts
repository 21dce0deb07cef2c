/** What the server answers, by the names the pages use; the shapes are generated (`npm run types`). */

import type { components } from "./schema.ts";

type Schemas = components["schemas"];

export type Current = Schemas["Report"];
export type Summary = Schemas["Summary"];
export type Endpoint = Schemas["Endpoint"];
export type Model = Schemas["Model"];
export type History = Schemas["History"];
export type Series = Schemas["Line"];
export type Distribution = Schemas["Distribution"];
export type Predictions = Schemas["Predictions"];
export type Outcome = Schemas["Pair"];
export type Services = Schemas["Services"];
export type Service = Schemas["Service"];
export type Message = Schemas["LiveMessage"];
export type Problem = Schemas["ErrorDetail"];
