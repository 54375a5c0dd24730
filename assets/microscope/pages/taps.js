// Presses that choose something: a mouse or a pen acts when it goes down, a finger when it was a tap, because a finger
// that goes down may begin to scroll the page or to zoom it.

/** @type {(element: Element, act: (event: PointerEvent) => void, capture?: boolean) => () => void} listens for presses;
 *   what it returns ends that */
export function onPress(element, act, capture = false) {
  let finger = false; // is down, or was where the click that follows began
  const listeners = {
    pointerdown: (event) => {
      finger = event.pointerType === "touch";
      if (!finger) act(event);
    },
    pointercancel: () => {
      finger = false;
    },
    click: (event) => {
      if (finger) act(event);
      finger = false;
    },
  };
  for (const [name, listener] of Object.entries(listeners)) element.addEventListener(name, listener, capture);
  return () => {
    for (const [name, listener] of Object.entries(listeners)) element.removeEventListener(name, listener, capture);
  };
}
