import type { ReactNode } from 'react';
import { Link } from 'wouter';

export function BackTo({ href, children }: { href: string; children: ReactNode }) {
  return <Link href={href} className="nhsuk-back-link wm-back">{children}</Link>;
}
