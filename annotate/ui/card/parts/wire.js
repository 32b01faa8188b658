// Speak with the server. A step fails for good (`Refusal`), for want of a sign-in, or for now (`Outage`).
const TIMEOUT_MS = 15000;

class Refusal extends Error {
  constructor(status, body) {
    super(body.detail || body.title || String(status));
    this.status = status;
    this.code = body.type ?? "";
  }
}

class Outage extends Error {
  constructor(message, waitSeconds = 0) {
    super(message);
    this.waitSeconds = waitSeconds;
  }
}

class SignedOut extends Error {}

class Wire {
  constructor(base) {
    this.base = base;
  }

  post(path, body, options = {}) {
    return this.ask(path, {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Pairloop": "1" },
      body: JSON.stringify(body),
      ...options,
    });
  }

  // What is sent while the page closes: nobody waits for the answer.
  farewell(path, body) {
    this.post(path, body, { keepalive: true }).catch(() => {});
  }

  async ask(path, options = {}) {
    let response;
    try {
      response = await fetch(`${this.base}/${path}`, {
        credentials: "same-origin",
        signal: options.keepalive ? undefined : AbortSignal.timeout(TIMEOUT_MS),
        ...options,
      });
    } catch (error) {
      throw new Outage(error.message);
    }
    const body = await response.json().catch(() => ({}));
    if (response.ok) return body;
    if (response.status === 401) throw new SignedOut();
    if (response.status === 429 || response.status >= 500) {
      throw new Outage(body.detail ?? "", Number(response.headers.get("Retry-After")) || 0);
    }
    throw new Refusal(response.status, body);
  }
}

function newKey() {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
