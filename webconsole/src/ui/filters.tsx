import { Children, type ReactNode } from "react";

/** Filters of a list, side by side where there is room. */
export function Filters({ children }: { children: ReactNode }) {
  return (
    <div className="filters">
      {Children.map(children, (filter) => (
        <div>{filter}</div>
      ))}
    </div>
  );
}
