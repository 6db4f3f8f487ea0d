import { useNavigate } from "react-router";

interface Follow {
  preventDefault: () => void;
  detail: { href?: string; external?: boolean };
}

/** For `onFollow` of Cloudscape's links: goes there without loading the page anew. */
export function useFollow() {
  const navigate = useNavigate();
  return (event: Follow) => {
    const { href, external } = event.detail;
    if (href === undefined || external) return;
    event.preventDefault();
    void navigate(href);
  };
}
