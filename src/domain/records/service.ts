export { answerCorrection, correctServiceRecord, requestCorrection } from './corrections';
export { exportServiceRecords, importServiceRecords } from './exchange';
export { issueServiceRecords, type NewServiceRecord } from './issuing';
