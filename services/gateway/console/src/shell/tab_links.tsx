import { Link } from 'wouter';

interface Props {
  label: string;
  tabs: { href: string; name: string; count?: number | undefined; current: boolean }[];
}

// Tabs that are places of their own: they have an address, and the back button goes between them.
export function TabLinks({ label, tabs }: Props) {
  return (
    <nav aria-label={label} className="wm-tabs">
      <ul>
        {tabs.map((tab) => (
          <li key={tab.href}>
            <Link href={tab.href} aria-current={tab.current ? 'page' : undefined} replace>
              {tab.name}
              {tab.count !== undefined && <span className="wm-tabs__count">{tab.count.toLocaleString('en-GB')}</span>}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
