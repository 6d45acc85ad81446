"use strict";
// A slider shows one policy of its figure; without this script all of them stay visible.
for (const figure of document.querySelectorAll("figure.policies")) {
  const control = figure.querySelector(".slider");
  if (!control) continue;
  const slider = control.querySelector("input");
  const output = control.querySelector("output");
  const policies = figure.querySelectorAll(".policy");
  const show = () => {
    policies.forEach((policy, index) => {
      policy.classList.toggle("shown", index === Number(slider.value));
    });
    const label = policies[Number(slider.value)].dataset.label;
    output.textContent = label;
    slider.setAttribute("aria-valuetext", label);
  };
  slider.addEventListener("input", show);
  control.hidden = false;
  figure.classList.add("live");
  show();
}
// Browsers that cannot unfold by style do it here when the page is printed.
let unfolded = [];
addEventListener("beforeprint", () => {
  unfolded = [...document.querySelectorAll(".findings details:not([open])")];
  for (const details of unfolded) details.open = true;
});
addEventListener("afterprint", () => {
  for (const details of unfolded) details.open = false;
});
