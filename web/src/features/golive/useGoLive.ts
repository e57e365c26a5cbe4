// Whether the Go Live dialog is open, kept in the address, so that a reload leaves it open: ?go-live, ?go-live=STREAM.
import { useCallback } from 'react';
import { useSearchParams } from 'react-router';

const NAME = 'go-live';

export function useGoLive() {
  const [params, setParams] = useSearchParams();
  const stream = params.get(NAME);
  const set = useCallback(
    (value: string | undefined) =>
      setParams((old) => {
        const next = new URLSearchParams(old);
        if (value === undefined) next.delete(NAME);
        else next.set(NAME, value);
        return next;
      }, { replace: true }),
    [setParams],
  );
  return {
    opened: stream !== null,
    streamId: stream || undefined,
    open: useCallback((streamId?: string) => set(streamId ?? ''), [set]),
    close: useCallback(() => set(undefined), [set]),
  };
}
