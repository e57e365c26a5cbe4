import { admin } from '@/text/en/admin';

export const ROLES = (['viewer', 'broadcaster', 'admin'] as const).map((value) => ({ value, label: admin.users.roles[value]! }));
