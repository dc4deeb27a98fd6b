// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** The hub's documents by short names; their form is generated from its own description (see describe.mjs). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bilingual = Schemas["Bilingual"];
export type Problem = Schemas["Problem"];
export type Destination = Schemas["Destination"];
export type Destinations = Schemas["Destinations"];
export type Deadlines = Schemas["Deadlines"];
export type Outlook = Schemas["OutlookDocument"];
export type DeadGroup = Schemas["DeadGroup"];
export type DeadGroups = Schemas["DeadGroups"];
export type DeadLetter = Schemas["DeadLetter"];
export type DeadLetters = Schemas["DeadLetters"];
export type DryRun = Schemas["DryRun"];
export type Replay = Schemas["Replay"];
export type Replays = Schemas["Replays"];
export type ActDone = Schemas["ActDone"];
export type Acts = Schemas["Acts"];
export type CaseView = Schemas["Case"];
export type TimelineEntry = Schemas["TimelineEntry"];
export type Where = Schemas["Where"];
export type MessageView = Schemas["Message"];
export type ParkedMessages = Schemas["ParkedMessages"];
export type RouteTables = Schemas["RouteTables"];
export type ContractList = Schemas["ContractList"];
export type Ready = Schemas["Ready"] | Schemas["NotReady"];

/** What a session is told of its operator; described by the hub once operators have accounts. */
export interface Session {
  token: string;
  account: string;
  title: string;
  expiresAt: string;
}

export interface Myself {
  account: string;
  kind: string;
  rights: string[];
  regions: string[];
  organisations: string[];
  expiresAt: string | null;
}
