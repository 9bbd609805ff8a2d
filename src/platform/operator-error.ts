/** A fault that whoever runs the installation can mend; its message says what to do, in one line. */
export class OperatorError extends Error {}
