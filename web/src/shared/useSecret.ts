// A secret as a component shows it: asked for when that is there, gone with it, and made anew after a question.
import { notifications } from '@mantine/notifications';
import { useCallback, useEffect, useState } from 'react';
import { useConfirm, type Question } from './components/confirm';
import { messageOf } from './components/Feedback';

interface Ways<T> {
  ask: (id: string) => Promise<T>;
  rotate: (id: string) => Promise<T>;
  question: Question;
  rotated: string;
}

/** `ways` are the same from one rendering to the next. */
export function useSecret<T>(id: string, ways: Ways<T>) {
  const [secret, setSecret] = useState<T>();
  const [error, setError] = useState<unknown>();
  const [turn, setTurn] = useState(0);
  const [rotating, setRotating] = useState(false);
  const confirm = useConfirm();
  useEffect(() => {
    let gone = false;
    ways.ask(id).then(
      (told) => !gone && setSecret(told),
      (failure: unknown) => !gone && setError(failure),
    );
    return () => {
      gone = true;
    };
  }, [id, turn, ways]);
  const again = useCallback(() => {
    setError(undefined);
    setTurn((n) => n + 1);
  }, []);
  const rotate = async () => {
    if (!(await confirm(ways.question))) return;
    setRotating(true);
    try {
      setSecret(await ways.rotate(id));
      notifications.show({ message: ways.rotated, color: 'gray' });
    } catch (failure) {
      notifications.show({ message: messageOf(failure), color: 'gray' });
    }
    setRotating(false);
  };
  return { secret, error, again, rotating, rotate };
}
