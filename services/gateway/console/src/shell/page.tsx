import { type ReactNode, useEffect, useRef } from 'react';

interface Props {
  title: string;
  // What stands above the title: the thing that the page belongs to.
  caption?: ReactNode;
  // What is new to the page when its title changes, such as a count.
  aside?: ReactNode;
  back?: ReactNode;
  children?: ReactNode;
}

let opened = false;

// A page has one heading. Going to it moves the focus there, so that the keyboard and a screen reader
// begin where the eye does; the first page of a visit leaves the focus to the browser.
export function Page({ title, caption, aside, back, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (opened) {
      heading.current?.focus({ preventScroll: true });
      window.scrollTo(0, 0);
    }
    opened = true;
  }, []);
  useEffect(() => {
    document.title = `${title} - Waymark`;
  }, [title]);
  return (
    <>
      {back}
      <div className="wm-title">
        <h1 className="nhsuk-heading-l" ref={heading} tabIndex={-1}>
          {caption && <span className="nhsuk-caption-l">{caption}</span>}
          {title}
        </h1>
        {aside}
      </div>
      {children}
    </>
  );
}
