// How a form is sent: what the server refuses stands at the field it is about, anything else over the form; what was typed stays.
import type { UseFormReturnType } from '@mantine/form';
import { useState, type FormEvent } from 'react';
import { ApiError } from './api/client';

/** The field of this form that was refused, if it is one of its own. */
export function refusedField(error: unknown, fields: object): string | undefined {
  return error instanceof ApiError && error.field !== undefined && Object.hasOwn(fields, error.field) ? error.field : undefined;
}

interface Sending {
  submit: (event?: FormEvent<HTMLFormElement>) => void;
  busy: boolean;
  /** What is not about one field. */
  failure: unknown;
}

export function useSubmit<Values extends object>(form: UseFormReturnType<Values>, send: (values: Values) => Promise<unknown>): Sending {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<unknown>();
  const run = async (values: Values) => {
    setBusy(true);
    setFailure(undefined);
    try {
      await send(values);
    } catch (error) {
      const field = refusedField(error, values);
      if (field === undefined) setFailure(error);
      else {
        form.setFieldError(field, (error as ApiError).message);
        form.getInputNode(field)?.focus();
      }
    } finally {
      setBusy(false);
    }
  };
  const submit = form.onSubmit(
    (values) => void run(values),
    (errors) => {
      const [first] = Object.keys(errors);
      if (first !== undefined) form.getInputNode(first)?.focus();
    },
  );
  return { submit, busy, failure };
}
