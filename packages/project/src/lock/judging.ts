// For import(), where there is a policy: that of a whole package would load all of it.
export { Gate } from 'bunny-libos-trust';
