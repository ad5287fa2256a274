// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends a page's forms, and keeps what was typed where the server is away: it is sent again
// until it arrives. Each form has a number, by which the server takes it once. Who is not signed in
// any more signs in again in another tab, and sends it then.
"use strict";

(() => {
  const TIMEOUT_MS = 25000;
  const FIRST_PAUSE_MS = 1500;
  const LONGEST_PAUSE_MS = 10000;
  // Said by what stands before the server while that is away, and by a server that is busy.
  const AWAY = [502, 503, 504];
  // On an answer whose words are to be read: sent again, the form would be answered so again.
  const HAS_WORDS = "X-Guichet-Words";
  // Said to a sign-in that is over, or to a page that is older than the one that lasts.
  const NOT_SIGNED_IN = [400, 401];
  const words = document.getElementById("unsent");
  const signedOut = document.getElementById("signed-out");
  let isSending = false;
  let wake = null;

  if (words === null) {
    return;
  }

  function number() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  function pause(ms) {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  // Attributes: a field named "action" would hide the form's own.
  function addressOf(form, submitter) {
    const asked = submitter?.getAttribute("formaction");
    const [page] = window.location.href.split("#");
    return new URL(asked || form.getAttribute("action") || page, page);
  }

  async function post(action, body, id) {
    try {
      const answer = await fetch(action, {
        method: "POST",
        body,
        headers: { "X-Guichet-Form": id, ...(window.self === window.top ? {} : { "X-Guichet-Framed": "1" }) },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      // Read here: an answer that breaks off is none.
      const page = await answer.text();
      const isAway = AWAY.includes(answer.status) && !answer.headers.has(HAS_WORDS);
      return isAway ? null : { answer, page };
    } catch {
      return null;
    }
  }

  function goTo(address) {
    const target = new URL(address, window.location.href);
    const here = window.location;
    if (target.pathname === here.pathname && target.search === here.search) {
      // To another place of the same page a browser would go without asking for it anew.
      history.scrollRestoration = "manual";
      history.replaceState(null, "", target);
      here.reload();
    } else {
      here.assign(target);
    }
  }

  // What is answered is shown as it came: asked for again, it might be another page, or none.
  function show(page, address) {
    window.dispatchEvent(new Event("pagehide"));
    history.pushState({ isAnswer: true }, "", address);
    document.open();
    document.write(page);
    document.close();
  }

  // What this page sends has the token of today's sign-in from now on. False: its person is not
  // signed in, or cannot be asked for.
  async function renewToken() {
    try {
      const [here] = window.location.href.split("#");
      const answer = await fetch(here, { cache: "no-store", signal: AbortSignal.timeout(TIMEOUT_MS) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const now = page.getElementById("signed-out")?.dataset;
      if (now?.account !== signedOut.dataset.account) {
        return false;
      }
      for (const field of document.querySelectorAll("[name=csrf_token]")) {
        field.value = now.token;
      }
      for (const place of document.querySelectorAll("[data-token]")) {
        place.dataset.token = now.token;
      }
      return true;
    } catch {
      return false;
    }
  }

  async function deliver(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter));
    const action = addressOf(form, submitter);
    const id = number();
    let wait = FIRST_PAUSE_MS;
    let came = await post(action, body, id);
    while (came === null) {
      words.hidden = false;
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
      came = await post(action, body, id);
    }
    words.hidden = true;
    return came;
  }

  async function send(form, submitter) {
    isSending = true;
    form.setAttribute("aria-busy", "true");
    let came = await deliver(form, submitter);
    const isRefused = NOT_SIGNED_IN.includes(came.answer.status);
    signedOut.hidden = !isRefused || (await renewToken());
    if (!signedOut.hidden) {
      // Nothing was done, and what was typed stays.
      isSending = false;
      form.removeAttribute("aria-busy");
      signedOut.querySelector("a").focus();
      return;
    }
    if (isRefused) {
      came = await deliver(form, submitter);
    }
    const leadsTo = came.answer.headers.get("X-Guichet-Leads-To");
    if (leadsTo !== null) {
      // Until the next page is there, this one takes no second press for another form.
      goTo(leadsTo);
    } else {
      isSending = false;
      show(came.page, came.answer.url);
    }
  }

  // Heard last: who stopped the form on its way has a reason.
  window.addEventListener("submit", (event) => {
    const form = event.target;
    const isPost = (form.getAttribute("method") || "").toLowerCase() === "post";
    const isPlain = form.hasAttribute("data-plain") || form.hasAttribute("enctype");
    if (event.defaultPrevented || !isPost || isPlain) {
      return;
    }
    event.preventDefault();
    if (!isSending) {
      send(form, event.submitter);
    }
  });

  // One comes back to a page as it was left: it may be sent anew.
  window.addEventListener("pageshow", (event) => {
    if (event.persisted) {
      isSending = false;
      document.querySelectorAll("form[aria-busy]").forEach((form) => {
        form.removeAttribute("aria-busy");
      });
    }
  });
  document.getElementById("send-again").addEventListener("click", () => wake?.());
  window.addEventListener("online", () => wake?.());
  window.addEventListener("beforeunload", (event) => {
    if (isSending && !words.hidden) {
      event.preventDefault();
    }
  });

  // This page may be such an answer: then the one before it is not behind it any more.
  const isAnswer = history.state !== null && history.state.isAnswer === true;
  const shownAs = window.location.pathname;
  window.addEventListener("popstate", (event) => {
    const isSame = window.location.pathname === shownAs && window.location.hash !== "";
    if (isAnswer && !isSame && !event.state?.isAnswer) {
      window.location.reload();
    }
  });
  const wanted = document.querySelector("[autofocus]");
  if (isAnswer && wanted !== null) {
    wanted.focus();
  }
})();
