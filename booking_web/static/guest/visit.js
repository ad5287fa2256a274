// SPDX-License-Identifier: AGPL-3.0-or-later
// The guest's page: waits at the door, answers as the counsellor lets them in, and tells how it
// ended. The server is told every two seconds that the page is there.
"use strict";

(() => {
  const TELL_MS = 2000;
  const OVER = ["sent_away", "call_over", "expired"];
  const page = document.getElementById("guest-visit");
  const words = deskWords(page, document.getElementById("guest-words").content);
  const { button, place, say, aloud, notice } = words;
  const far = document.getElementById("far-picture");
  const own = document.getElementById("own-picture");
  let telephone = null;
  let line = null;
  let state = "opening";
  let timer = null;
  const devices = chosenDevices();
  const side = openOwnSide(own, devices, words, {
    telephone: () => telephone,
    isInCall: () => timer !== null,
    draw: () => draw(state),
  });

  function draw(next) {
    if (next !== state) {
      aloud(say(`state_${next}`));
    }
    state = next;
    page.dataset.state = state;
    for (const each of page.querySelectorAll("[data-in]")) {
      each.hidden = !each.dataset.in.split(" ").includes(state);
    }
    place("state").textContent = say(`state_${state}`);
    for (const [name, isOn] of [["mute", side.isMuted], ["dark", side.isDark]]) {
      button(name).querySelector("span").textContent = say(isOn ? `act_not_${name}` : `act_${name}`);
      button(name).classList.toggle("is-on", isOn);
    }
    own.classList.toggle("is-dark", side.isDark);
    notice("own-state", [side.isMuted ? say("muted") : "", side.isDark ? say("dark") : ""].filter(Boolean).join(" "));
  }

  // ---- What the server is told and tells

  function post(address, fields = {}) {
    return fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": page.dataset.token, Accept: "application/json" },
      body: new URLSearchParams(fields),
      signal: AbortSignal.timeout(15000),
    });
  }

  // Gives how it stands with the guest; null where the server does not answer.
  async function tell() {
    try {
      const answer = await post(page.dataset.tell, { attend: state === "waiting" ? "1" : "0" });
      if (!answer.ok) {
        return answer.status === 403 ? "expired" : null;
      }
      return (await answer.json()).visit;
    } catch {
      return null;
    }
  }

  async function look() {
    const visit = await tell();
    notice("line", visit === null && state !== "left" ? say("line_away") : "");
    if (OVER.includes(visit) && timer !== null) {
      end(visit);
    }
  }

  // ---- The call

  function hear(told) {
    if (told.line === "there" && state === "opening") {
      draw("waiting");
      look();
    } else if (told.line === "refused") {
      refused();
    } else if (told.line) {
      notice("line", told.line === "away" ? say("line_away") : "");
    } else if (told.rings) {
      draw("entering");
      telephone.answer(side.tracks());
    } else if (told.isUp) {
      telephone.mute(side.isMuted);
      line?.stop();
      line = keepLine(telephone, ({ mine }) => notice("quality", mine === "good" ? "" : say("line_poor")));
      draw("in_call");
    } else if (told.far) {
      show(told.far);
    } else if (told.text !== undefined) {
      line?.take(told.text);
    } else if (told.isOver) {
      hangUp();
    }
  }

  // The invitation is over, or another page of this browser has the telephone.
  async function refused() {
    await look();
    if (timer !== null && state !== "in_call") {
      close("elsewhere");
    }
  }

  async function show(stream) {
    if (far.srcObject === stream) {
      return;
    }
    far.srcObject = stream;
    playOutOf(far, devices.read().audiooutput);
    try {
      await far.play();
    } catch {
      // A browser that plays nothing before a key is pressed.
      place("sound").hidden = far.srcObject === null;
    }
  }

  function hangUp() {
    line?.stop();
    line = null;
    far.srcObject = null;
    notice("quality", "");
    place("sound").hidden = true;
    if (timer !== null) {
      // Whoever was not sent away waits at the door again.
      draw("waiting");
      look();
    }
  }

  function close(next) {
    clearInterval(timer);
    timer = null;
    line?.stop();
    line = null;
    telephone?.close();
    telephone = null;
    side.close();
    far.srcObject = null;
    notice("line", "");
    notice("quality", "");
    place("sound").hidden = true;
    draw(next);
  }

  function end(visit) {
    telephone?.hangUp();
    close(visit);
  }

  function leave() {
    telephone?.hangUp();
    close("left");
    post(page.dataset.leave).catch(() => {});
    button("again").focus();
  }

  async function open() {
    draw("opening");
    await side.open(() => true);
    try {
      const answer = await post(page.dataset.telephone);
      if (!answer.ok) {
        close(answer.status === 410 || answer.status === 403 ? "expired" : "away");
        return;
      }
      timer = setInterval(look, TELL_MS);
      telephone = openTelephone(await answer.json(), hear);
    } catch {
      close("away");
    }
  }

  const ACTS = {
    mute: () => side.setMuted(!side.isMuted),
    dark: () => side.setDark(!side.isDark),
    leave,
    again: () => window.location.reload(),
    sound() {
      far.play();
      place("sound").hidden = true;
    },
  };

  page.addEventListener("click", (event) => {
    const act = event.target.closest("[data-act]")?.dataset.act;
    if (act) {
      ACTS[act]();
    }
  });

  window.addEventListener("pagehide", () => {
    if (timer !== null) {
      const told = new FormData();
      told.append("csrf_token", page.dataset.token);
      navigator.sendBeacon(page.dataset.leave, told);
      telephone?.close();
    }
  });

  if (OVER.includes(page.dataset.visit)) {
    draw(page.dataset.visit);
  } else {
    open();
  }
})();
