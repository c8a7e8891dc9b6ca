// Search, copying, one language at a time, and where one is. The page can be read without it.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const remembered = {
    get language() {
      try {
        return localStorage.getItem('language');
      } catch {
        return null;
      }
    },
    set language(title) {
      try {
        localStorage.setItem('language', title);
      } catch {
        // Storage may be switched off; the choice then lasts as long as the page.
      }
    },
  };

  function addTabs() {
    const groups = all('.calls').map((group) => all('figure', group));
    for (const figures of groups) {
      for (const figure of figures) {
        const caption = figure.querySelector('figcaption');
        const tabs = document.createElement('div');
        tabs.className = 'tabs';
        tabs.setAttribute('role', 'group');
        tabs.setAttribute('aria-label', 'Language');
        for (const { dataset } of figures) {
          const tab = document.createElement('button');
          tab.type = 'button';
          tab.textContent = dataset.title;
          tab.setAttribute('aria-pressed', String(dataset.title === figure.dataset.title));
          tab.addEventListener('click', () => {
            const before = figure.getBoundingClientRect().top;
            show(dataset.title);
            remembered.language = dataset.title;
            const shown = figures.find((other) => !other.hidden);
            // Samples above may have changed their height: what was clicked stays where it was.
            window.scrollBy({ top: shown.getBoundingClientRect().top - before, behavior: 'instant' });
            all('.tabs button', shown)
              .find((other) => other.textContent === dataset.title)
              .focus({ preventScroll: true });
          });
          tabs.append(tab);
        }
        caption.querySelector('.title').replaceWith(tabs);
      }
    }

    function show(title) {
      for (const figures of groups) {
        for (const figure of figures) figure.hidden = figure.dataset.title !== title;
      }
    }

    const titles = groups[0].map(({ dataset }) => dataset.title);
    show(titles.includes(remembered.language) ? remembered.language : titles[0]);
  }

  function addCopying() {
    for (const button of all('.copy')) {
      button.hidden = false;
      button.setAttribute('aria-live', 'polite');
      let timer;
      const say = (text) => {
        button.textContent = text;
        clearTimeout(timer);
        timer = setTimeout(() => {
          button.textContent = 'Copy';
        }, 2000);
      };
      button.addEventListener('click', () => {
        const code = button.closest('figure').querySelector('code').textContent;
        // Browsers give the clipboard to secure pages only.
        const copied = navigator.clipboard?.writeText(code) ?? Promise.reject(new Error('no clipboard'));
        copied.then(
          () => say('Copied'),
          () => {
            getSelection().selectAllChildren(button.closest('figure').querySelector('code'));
            say('Selected');
          },
        );
      });
    }
  }

  function addSearch() {
    const box = document.querySelector('.search');
    const input = box.querySelector('input');
    const outcome = document.querySelector('.outcome');
    const sections = all('.operation').map((section) => ({
      section,
      text: section.querySelector('div').textContent.toLowerCase(),
      link: document.querySelector(`[data-operation="${section.id}"]`).parentElement,
    }));
    const nouns = all('section.noun:has(.operation)');
    const others = all('.guide, #codes');
    box.hidden = false;

    function search() {
      const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
      let count = 0;
      for (const { section, text, link } of sections) {
        const found = words.every((word) => text.includes(word));
        section.hidden = !found;
        link.hidden = !found;
        count += found ? 1 : 0;
      }
      for (const noun of nouns) {
        noun.hidden = all('.operation', noun).every(({ hidden }) => hidden);
        noun.firstElementChild.hidden = words.length > 0;
      }
      for (const other of others) other.hidden = words.length > 0;
      const plural = count === 1 ? 'operation' : 'operations';
      outcome.textContent = words.length > 0 ? `${count || 'No'} ${plural} for “${input.value.trim()}”` : '';
    }

    input.addEventListener('input', () => {
      search();
      window.scrollTo({ top: 0, behavior: 'instant' });
    });
    input.addEventListener('keydown', ({ key }) => {
      const first = sections.find(({ section }) => !section.hidden);
      if (key === 'Enter' && first) first.section.querySelector('h3 a').focus();
      if (key !== 'Escape') return;
      input.value = '';
      search();
      input.blur();
    });
    document.addEventListener('keydown', (event) => {
      const typing = event.target.matches('input, textarea');
      if (event.key !== '/' || typing || event.ctrlKey || event.metaKey || event.altKey) return;
      event.preventDefault();
      input.focus();
    });
    // A link to what the search has hidden ends the search.
    window.addEventListener('hashchange', () => {
      const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
      if (!target?.closest('[hidden]')) return;
      input.value = '';
      search();
      target.scrollIntoView();
    });
  }

  function markPlace() {
    const links = new Map(all('.contents a[href^="#"]').map((link) => [link.hash.slice(1), link]));
    const places = all('.operation, .guide[id], #codes').filter(({ id }) => links.has(id));
    let current = null;
    const observer = new IntersectionObserver(
      () => {
        const line = window.innerHeight / 3;
        const here = places.findLast((place) => !place.hidden && place.getBoundingClientRect().top < line);
        const link = here ? links.get(here.id) : null;
        if (link === current) return;
        current?.removeAttribute('aria-current');
        link?.setAttribute('aria-current', 'true');
        current = link;
        const contents = document.querySelector('.contents');
        if (!link || contents.scrollHeight <= contents.clientHeight) return;
        const { top, bottom } = link.getBoundingClientRect();
        const frame = contents.getBoundingClientRect();
        if (top < frame.top || bottom > frame.bottom)
          contents.scrollTop += top - frame.top - frame.height / 3;
      },
      { rootMargin: '-33% 0px -66% 0px' },
    );
    for (const place of places) observer.observe(place);
  }

  function foldContents() {
    const details = document.querySelector('.contents details');
    const narrow = matchMedia('(max-width: 59.99rem)');
    const fold = () => {
      details.open = !narrow.matches;
    };
    narrow.addEventListener('change', fold);
    fold();
    details.addEventListener('click', ({ target }) => {
      if (target.closest('a') && narrow.matches) details.open = false;
    });
  }

  foldContents();
  addTabs();
  addCopying();
  addSearch();
  markPlace();
  // What was folded above has moved the place that the address names.
  document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();
})();
