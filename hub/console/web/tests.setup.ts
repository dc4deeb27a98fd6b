// SPDX-FileCopyrightText: The govhub authors
// SPDX-License-Identifier: Apache-2.0
/** What a browser has and jsdom has not. */
window.matchMedia ??= (query: string) => ({ matches: false, media: query, addEventListener: () => {} }) as unknown as MediaQueryList;
