// SPDX-License-Identifier: AGPL-3.0-or-later
// What the desk asks of the server: the account of its telephone, whether one is signed in, and
// the token of who has signed in again.
"use strict";

// Gives {uri, realm, ha1, server, name}, or {trouble} in one word.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
async function askTelephone(address, token) {
  const TROUBLES = { 401: "signed_out", 403: "no_telephone", 404: "no_telephone", 409: "revoked", 429: "too_often", 501: "no_line" };
  try {
    const answer = await fetch(address, {
      method: "POST",
      headers: { "X-CSRFToken": token, Accept: "application/json" },
      redirect: "manual",
      signal: AbortSignal.timeout(15000),
    });
    if (answer.type === "opaqueredirect") {
      return { trouble: "signed_out" };
    }
    return answer.ok ? await answer.json() : { trouble: TROUBLES[answer.status] ?? "server_away" };
  } catch {
    return { trouble: "server_away" };
  }
}

// Tells a session that is over from a line that is cut.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
async function isSignedOut() {
  try {
    const answer = await fetch(window.location.pathname, { redirect: "manual", signal: AbortSignal.timeout(10000) });
    return answer.type === "opaqueredirect" || answer.status === 401;
  } catch {
    return false;
  }
}

// Whoever signs in again has a new token: the desk's page and the one in its frame stay, with what
// is typed there, and what they send has to have it. Gives whether it is the same person; null: nobody.
// biome-ignore lint/correctness/noUnusedVariables: called by being-there.js
async function renewToken(desk) {
  let now = null;
  try {
    const answer = await fetch(window.location.pathname, { redirect: "error", cache: "no-store", signal: AbortSignal.timeout(10000) });
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    now = page.getElementById(desk.id)?.dataset ?? null;
  } catch {
    now = null;
  }
  if (now === null) {
    return null;
  }
  if (now.account !== desk.dataset.account) {
    return false;
  }
  for (const part of [desk, desk.querySelector("iframe").contentDocument]) {
    for (const field of part?.querySelectorAll("[name=csrf_token]") ?? []) {
      field.value = now.token;
    }
    for (const place of part?.querySelectorAll("[data-token]") ?? []) {
      place.dataset.token = now.token;
    }
    part?.querySelector("#signed-out")?.setAttribute("hidden", "");
  }
  desk.dataset.token = now.token;
  return true;
}
