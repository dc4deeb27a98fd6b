// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** What more than one part of the page shows is asked for once, by the page. */
import { inject, provide, type InjectionKey } from "vue";
import type { Destinations } from "./api/documents";
import { live, type Live } from "./live";
import { session } from "./session";

const DESTINATIONS: InjectionKey<Live<Destinations>> = Symbol("destinations");

export function shareDestinations(): void {
  provide(DESTINATIONS, live<Destinations>(() => (session.token ? "/ops/v1/destinations" : null), 2));
}

export function destinations(): Live<Destinations> {
  return inject(DESTINATIONS) as Live<Destinations>;
}
