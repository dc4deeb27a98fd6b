// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** The hub's documents by short names; their form is generated from its own description (see describe.mjs). */
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Bilingual = Schemas["Bilingual"];
export type Problem = Schemas["Problem"];
export type Ready = Schemas["Ready"] | Schemas["NotReady"];
export type Session = Schemas["Session"];
export type Right = Schemas["Right"];
export type Myself = Schemas["Myself"];
export type Destination = Schemas["OpsDestination"];
export type Destinations = Schemas["OpsDestinations"];
export type Deadlines = Schemas["Deadlines"];
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
export type MessageView = Schemas["OpsMessage"];
export type ParkedMessages = Schemas["ParkedMessages"];
export type RouteTables = Schemas["RouteTables"];
export type ContractList = Schemas["ContractList"];
export type Matches = Schemas["Matches"];
export type Matched = Schemas["Matched"];
export type Systems = Schemas["OpsSystems"];
export type Alarms = Schemas["OpenAlarms"];
export type AuditPage = Schemas["AuditPage"];
export type Proposals = Schemas["ProposalPage"];
export type Proposal = Schemas["ProposalRecord"];
