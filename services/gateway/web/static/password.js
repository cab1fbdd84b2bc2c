const form = document.getElementById("choose");
const outcome = document.getElementById("outcome");
const token = location.hash.slice(1);
// The token stays in neither the address bar nor the history.
history.replaceState(null, "", location.pathname);

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const password = form.elements.password.value;
  if (password !== form.elements.again.value) {
    outcome.textContent = form.dataset.different;
    return;
  }
  try {
    const response = await fetch("/api/v1/auth/password", {
      method: "POST",
      headers: { "content-type": "application/json", "accept-language": document.querySelector("main").lang },
      body: JSON.stringify({ token, password }),
    });
    if (response.ok) {
      form.hidden = true;
      outcome.textContent = form.dataset.done;
      document.getElementById("enter").hidden = false;
      return;
    }
    const problem = await response.json();
    const rules = (problem.errors || []).map((error) => error.message);
    outcome.textContent = rules.length ? rules.join(". ") : problem.detail;
  } catch {
    outcome.textContent = form.dataset.failed;
  }
});
