export { issueServiceRecords, type NewServiceRecord } from './issuing';
