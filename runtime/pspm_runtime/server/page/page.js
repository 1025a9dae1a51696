// Sends the chosen photo to the service that this page came from, and shows the result.
const byId = (id) => document.getElementById(id);
const file = byId("file");
let photo = null;
let latest = 0;

function chosen() {
  return document.querySelector('input[name="effect"]:checked').value;
}

function show(sentence, wrong = false) {
  byId("status").textContent = sentence;
  byId("status").classList.toggle("wrong", wrong);
}

async function send() {
  if (!photo) return;
  const turn = ++latest;
  const effect = chosen();
  const form = new FormData();
  form.append("photo", photo);
  if (effect === "blur") form.append("strength", byId("strength").value);
  if (effect === "background") form.append("with", byId("colour").value);
  const token = byId("token").value;
  byId("busy").hidden = false;
  show("");
  const started = performance.now();
  try {
    const response = await fetch(effect, {
      method: "POST",
      body: form,
      headers: token ? { Authorization: `Bearer ${token}` } : {},
    });
    if (!response.ok) throw new Error((await response.json()).error);
    const result = await response.blob();
    if (turn !== latest) return;
    const link = URL.createObjectURL(result);
    URL.revokeObjectURL(byId("result").src);
    byId("result").src = link;
    byId("result").hidden = false;
    byId("welcome").hidden = true;
    byId("stage").classList.remove("empty");
    byId("save").href = link;
    byId("save").download = `${effect}.${result.type === "image/jpeg" ? "jpg" : "png"}`;
    byId("save").hidden = false;
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const nobody = response.headers.get("PSPM-Person") === "false";
    show(nobody ? "No person was found in the photo." : `${seconds} s, ${Math.round(result.size / 1000)} kB`);
  } catch (error) {
    if (turn === latest) show(error.message || "The service does not answer.", true);
  } finally {
    if (turn === latest) byId("busy").hidden = true;
  }
}

function options() {
  for (const part of document.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== chosen();
}

for (const id of ["open", "another"]) byId(id).addEventListener("click", () => file.click());
file.addEventListener("change", () => {
  photo = file.files[0] ?? photo;
  file.value = "";
  send();
});
byId("controls").addEventListener("change", () => {
  options();
  send();
});
byId("controls").addEventListener("submit", (event) => event.preventDefault());
const stage = byId("stage");
stage.addEventListener("dragover", (event) => {
  event.preventDefault();
  stage.classList.add("drop");
});
stage.addEventListener("dragleave", () => stage.classList.remove("drop"));
stage.addEventListener("drop", (event) => {
  event.preventDefault();
  stage.classList.remove("drop");
  photo = event.dataTransfer.files[0] ?? photo;
  send();
});
