// SPDX-License-Identifier: AGPL-3.0-or-later
// Sends a page's forms, and keeps what was typed where the server is away: it is sent again
// until it arrives. Each form has a number, by which the server takes it once.
"use strict";

(() => {
  const TIMEOUT_MS = 25000;
  const FIRST_PAUSE_MS = 1500;
  const LONGEST_PAUSE_MS = 10000;
  // Said by what stands before the server while that is away.
  const AWAY = [502, 503, 504];
  const words = document.getElementById("unsent");
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
        headers: { "X-Guichet-Form": id },
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      // Read here: an answer that breaks off is none.
      const page = await answer.text();
      return AWAY.includes(answer.status) ? null : { answer, page };
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

  async function send(form, submitter) {
    const body = new URLSearchParams(new FormData(form, submitter));
    const action = addressOf(form, submitter);
    const id = number();
    let wait = FIRST_PAUSE_MS;
    isSending = true;
    form.setAttribute("aria-busy", "true");
    let came = await post(action, body, id);
    while (came === null) {
      words.hidden = false;
      await pause(wait);
      wait = Math.min(2 * wait, LONGEST_PAUSE_MS);
      came = await post(action, body, id);
    }
    words.hidden = true;
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
