/* SPDX-License-Identifier: Apache-2.0 */
'use strict';
(() => {
  const slider = document.getElementById('least');
  const text = document.getElementById('least-text');
  const status = document.getElementById('shown');
  const viewer = document.getElementById('viewer');
  const photos = [...document.querySelectorAll('.photo')].map((photo) => ({
    photo,
    faces: [...photo.querySelectorAll('li[data-score]')],
    boxes: [...photo.querySelectorAll('rect')],
  }));
  const total = photos.reduce((sum, one) => sum + one.faces.length, 0);
  const count = (number, word) =>
    `${number} ${word === 'match' && number !== 1 ? 'matches' : word + (number === 1 || word === 'match' ? '' : 's')}`;

  const filter = () => {
    const least = Number(slider.value);
    const isOut = (element) => Number(element.dataset.score) < least;
    let faces = 0;
    let shown = 0;
    for (const one of photos) {
      let left = 0;
      for (const face of one.faces) {
        face.hidden = isOut(face);
        left += face.hidden ? 0 : 1;
      }
      for (const box of one.boxes)
        box.classList.toggle('out', isOut(box));
      one.photo.hidden = left === 0;
      faces += left;
      shown += left === 0 ? 0 : 1;
    }
    text.textContent = least.toFixed(3);
    status.textContent = `${faces} of ${count(total, 'match')} in ${count(shown, 'photo')}`;
  };

  slider.addEventListener('input', filter);
  for (const view of document.querySelectorAll('main .view'))
    view.addEventListener('click', () => {
      const copy = view.cloneNode(true);
      copy.setAttribute('aria-label', 'Close');
      copy.addEventListener('click', () => viewer.close());
      viewer.replaceChildren(copy);
      viewer.showModal();
    });
  viewer.addEventListener('click', (event) => {
    if (event.target === viewer)
      viewer.close();
  });
  viewer.addEventListener('close', () => viewer.replaceChildren());
  document.getElementById('filter').addEventListener('submit', (event) => event.preventDefault());
  document.getElementById('filter').hidden = total < 2;
  if (total > 0)
    filter();
})();
