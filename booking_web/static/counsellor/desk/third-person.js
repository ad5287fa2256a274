// SPDX-License-Identifier: AGPL-3.0-or-later
// Says beside the call that the third person waits, or does not come, where the frame shows another
// page than the appointment's.
"use strict";

// `said` is what `deskWords` gave, `page()` the address of the call's appointment; null: none. Gives
// {look(), shown(path), clear()}.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function openThirdPerson({ place, notice }, dossier, page) {
  const WAITED_MS = 15000;
  let told = "";

  function show() {
    notice("third", dossier.path === page() ? "" : told);
  }

  async function look() {
    const asked = page();
    if (asked === null) {
      return;
    }
    try {
      const answer = await fetch(`${asked}/invite/etat`, { cache: "no-store", redirect: "error", signal: AbortSignal.timeout(WAITED_MS) });
      const words = answer.status === 200 ? await answer.text() : "";
      // What was seen on the appointment's page is not said again.
      if (answer.ok && words !== told && asked === page()) {
        told = words;
        show();
      }
    } catch {
      // The next change asks again.
    }
  }

  document.addEventListener("guichet:told", ({ detail }) => {
    const isOurs = detail.kind === "all" || (detail.kind === "appointment" && page()?.endsWith(`/${detail.appointment}`));
    if (isOurs) {
      look();
    }
  });
  place("third").querySelector("button").addEventListener("click", () => {
    // Where something is typed beside the call, in another tab.
    if (!dossier.show(page())) {
      window.open(page(), "_blank", "noopener");
    }
  });
  return {
    look,
    shown(path) {
      if (path === page()) {
        notice("third", "");
      }
    },
    clear() {
      told = "";
      notice("third", "");
    },
  };
}
