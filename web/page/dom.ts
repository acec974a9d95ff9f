/** The few things that the page does to the document. */

type Attributes = Readonly<Record<string, string>>;

/** A new element; children that are text become text, never markup. */
export function element<K extends keyof HTMLElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
  ...children: readonly (Node | string)[]
): HTMLElementTagNameMap[K] {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children);
  return made;
}

/** A new SVG element. */
export function svgElement<K extends keyof SVGElementTagNameMap>(
  name: K,
  attributes: Attributes = {},
): SVGElementTagNameMap[K] {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/** The element of index.html. */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  const found = document.getElementById(id);
  if (!(found instanceof kind)) throw new Error(`index.html has no #${id} of this kind`);
  return found;
}

/** Writes only what changed, so that a reader's selection and the accessibility tree stay. */
export function setText(node: Node, text: string): void {
  if (node.textContent !== text) node.textContent = text;
}

/** Keeps one element a key in the order of `items`, made once and updated each time. */
export class KeyedList<T> {
  readonly #parent: Element;
  readonly #keyOf: (item: T) => string;
  readonly #make: (item: T) => { readonly node: Element; update(item: T): void };
  readonly #shown = new Map<string, { readonly node: Element; update(item: T): void }>();

  constructor(
    parent: Element,
    keyOf: (item: T) => string,
    make: (item: T) => { readonly node: Element; update(item: T): void },
  ) {
    this.#parent = parent;
    this.#keyOf = keyOf;
    this.#make = make;
  }

  show(items: readonly T[]): void {
    const keys = new Set(items.map((item) => this.#keyOf(item)));
    for (const [key, { node }] of this.#shown) {
      if (keys.has(key)) continue;
      node.remove();
      this.#shown.delete(key);
    }
    let next = this.#parent.firstElementChild;
    for (const item of items) {
      const key = this.#keyOf(item);
      let one = this.#shown.get(key);
      if (one === undefined) this.#shown.set(key, (one = this.#make(item)));
      one.update(item);
      if (one.node === next) next = next.nextElementSibling;
      else this.#parent.insertBefore(one.node, next);
    }
  }
}
