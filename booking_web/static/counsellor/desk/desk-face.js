// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk shows of the call's state, in its places and in the page's title.
"use strict";

// `own` is the element of the own picture, `said` what `deskWords` gave.
// biome-ignore lint/correctness/noUnusedVariables: called by desk.js
function deskFace(desk, own, said) {
  const { button, place, say, aloud, notice } = said;
  const title = document.title;
  return {
    state(state, call) {
      desk.dataset.state = state;
      for (const each of desk.querySelectorAll("[data-in]")) {
        each.hidden = !each.dataset.in.split(" ").includes(state);
      }
      // Of a sign-in that is over nobody is told anything new.
      desk.querySelector("#duty").hidden = state === "signed_out";
      const name = call?.name ?? "";
      place("state").textContent = say(`state_${state}`, { name });
      notice("who", ["in_call", "held", "leaving"].includes(state) ? name : "");
      document.title = ["ringing", "in_call", "held"].includes(state) ? `${say(`title_${state}`)} ${name} – ${title}` : title;
      // A still goes into the file of an appointment: an interpreter has none, nor who is not expected.
      button("still").hidden ||= !call?.hasFile;
    },
    switches({ isMuted, isDark, isHeld }) {
      // What a press would do is written, not what is: the latter is said beside the picture.
      for (const [name, isOn] of [["mute", isMuted], ["dark", isDark], ["hold", isHeld]]) {
        const each = button(name);
        each.querySelector("span").textContent = say(isOn ? `act_not_${name}` : `act_${name}`);
        each.classList.toggle("is-on", isOn);
      }
      own.classList.toggle("is-dark", isDark);
      notice("own-state", [isMuted ? say("muted") : "", isDark ? say("dark") : ""].filter(Boolean).join(" "));
    },
    zoom(times) {
      const words = times === 1 ? say("zoomed_whole") : say("zoomed", { times: times.toLocaleString(document.documentElement.lang) });
      notice("zoom", times === 1 ? "" : words);
      aloud(words);
    },
    line({ mine, theirs }) {
      for (const [name, how] of [["mine", mine], ["theirs", theirs]]) {
        place(name).textContent = say(`${name}_${how}`);
        place(name).dataset.state = how;
      }
    },
  };
}
