// Media are asked for where the page came from, by whatever name that is: the server's idea of its own name need not be the
// viewer's. Undefined for nothing, and for an address of anybody else.
export { ownAddress } from '@player/address.js';
