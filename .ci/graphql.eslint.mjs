import graphql from '@graphql-eslint/eslint-plugin';

const schema = 'schema/schema.graphql';
const documents = 'schema/operations/*.graphql';
const rulesOf = (...names) => Object.assign({}, ...names.map((name) => graphql.configs[`flat/${name}`].rules));
const entry = (files, graphQLConfig, rules) => ({
  files: [files],
  plugins: { '@graphql-eslint': graphql },
  languageOptions: { parser: graphql.parser, parserOptions: { graphQLConfig } },
  rules,
});

/** Types without an identity of their own: part of the object that they are read from. */
const values = [
  'RecognitionEvidence',
  'RecognitionObjection',
  'LeaderboardEntry',
  'OrganizationStatistics',
  'MonthlyStatistics',
  'ActivityParticipation',
  'ActivityReport',
  'Actor',
  'AuditChange',
  'AvailabilitySlot',
  'BlockedTime',
  'BookingPolicy',
  'CertificateHolder',
  'CertifiedService',
  'ChannelCount',
  'CheckInCode',
  'ClauseFulfilment',
  'Consent',
  'ContractParty',
  'DateRange',
  'ExpiringPoints',
  'GeoPoint',
  'GrantedResource',
  'Guardian',
  'ImportFault',
  'NetworkMap',
  'NetworkMapLink',
  'NetworkMapNode',
  'NetworkStatistics',
  'OpeningHours',
  'OrganizationContact',
  'PageInfo',
  'PersonalContact',
  'PointsPolicy',
  'PointsSide',
  'PointsStatement',
  'RefusedEntry',
  'ResourceAccess',
  'ServiceRecordImport',
  'ServiceRecordImportProblem',
  'Session',
  'ShiftQuota',
  'Signature',
  'SkippedOccurrence',
  'FeedbackSummary',
  'NeedPolicy',
  'RatingPoint',
  'SimilarNeed',
  'StateChange',
  'TimeRange',
  'Upload',
  'TrainingCompletion',
  'UserError',
  'Viewer',
  'VolunteerMatch',
  'VolunteerPersonal',
];

/** Entries of eslint's flat configuration for the emitted schema and the operations. */
export default [
  entry(
    schema,
    { schema },
    {
      ...rulesOf('schema-recommended', 'schema-relay'),
      '@graphql-eslint/strict-id-in-types': ['error', { exceptions: { types: values, suffixes: ['Payload', 'Connection', 'Edge'] } }],
      // Forward alone will do for a list within an object.
      '@graphql-eslint/relay-arguments': ['error', { includeBoth: false }],
      // A short list that cannot grow, such as the parties of a contract, is a plain one.
      // What is wrong with a line of a file is listed by pages too, and is no node.
      '@graphql-eslint/relay-edge-types': ['error', { withEdgeSuffix: true, shouldImplementNode: false, listTypeCanWrapOnlyEdgeType: false }],
    },
  ),
  entry(documents, { schema, documents }, rulesOf('operations-recommended')),
];
