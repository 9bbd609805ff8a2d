/** A document of schema/operations, as text. */
declare module '*.graphql' {
  const document: string;
  export default document;
}
