/* A quiz is answered where it stands. Without this script its answer unfolds. */
for (const quiz of document.querySelectorAll(".quiz")) {
  const buttons = [...quiz.querySelectorAll("button")];
  const verdict = quiz.querySelector(".verdict");
  for (const button of buttons) {
    button.addEventListener("click", () => {
      for (const each of buttons) {
        each.setAttribute("aria-pressed", String(each === button));
        each.classList.toggle("right", each.dataset.right === "true");
      }
      verdict.textContent = button.dataset.verdict;
    });
  }
}
