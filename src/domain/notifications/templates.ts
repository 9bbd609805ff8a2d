import type { EventRecord } from '../../platform/events/outbox';
import type { AuditAction } from '../../platform/i18n/messages';
import { textsOf } from '../../platform/i18n/translate';
import type { NotificationKind } from './model';

/** How a notice reads in one language: what happened, and then in full to what, by whom, and what there is to do. */
type Text = readonly [title: string, body: string];

/**
 * The notices that tell people of events, by the verb or by the name that the verb gives its event. Filled in are what
 * the verb says of it (`data`; its `start` and `end` are instants), `by`: the organization that did it, and `person`: the name
 * of whom it was done to.
 */
export const notices = {
  'contract.draft': [
    ['新的契约草稿', '{{by}}起草了契约“{{title}}”（{{number}}）。请继续修改，完成后提出，由各方签署。'],
    ['A contract was drafted', '{{by}} drafted the contract “{{title}}” ({{number}}). Edit it further, and propose it to its parties once it is ready.'],
  ],
  'contract.update': [
    ['契约草稿已修改', '{{by}}修改了契约草稿“{{title}}”（{{number}}）。请核对，完成后提出，由各方签署。'],
    ['A draft was edited', '{{by}} edited the draft “{{title}}” ({{number}}). Look it over, and propose it to its parties once it is ready.'],
  ],
  'contract.reopen': [
    ['契约内容已更改，须重新签署', '{{by}}修改了待签署的契约“{{title}}”（{{number}}），此前的签名全部失效。请阅读新内容，然后签署或拒绝。'],
    ['A contract was changed: sign it again', '{{by}} changed the contract “{{title}}” ({{number}}) that waits for signatures; those given so far are void. Read it again, then sign or reject it.'],
  ],
  'contract.propose': [
    ['契约待签署', '{{by}}提出了契约“{{title}}”（{{number}}）。请阅读，然后签署或拒绝。'],
    ['A contract waits for your signature', '{{by}} proposed the contract “{{title}}” ({{number}}). Read it, then sign or reject it.'],
  ],
  'contract.withdraw': [
    ['契约已撤回', '{{by}}撤回了契约“{{title}}”（{{number}}）。无需再签署；如仍需合作，请另行起草。'],
    ['A contract was withdrawn', '{{by}} withdrew the contract “{{title}}” ({{number}}). There is nothing to sign any more; draft another one if you still want to work together.'],
  ],
  'contract.sign': [
    ['契约有一方已签署', '{{by}}签署了契约“{{title}}”（{{number}}），尚有当事方未签署。贵单位若未签署，请阅读，然后签署或拒绝。'],
    ['A party signed a contract', '{{by}} signed the contract “{{title}}” ({{number}}); not every party has yet. If yours has not, read it, then sign or reject it.'],
  ],
  'contract.conclude': [
    ['契约已由各方签署', '{{by}}最后签署了契约“{{title}}”（{{number}}），契约成立，自期限首日起生效。请为履约做好准备。'],
    ['Every party has signed a contract', '{{by}} signed the contract “{{title}}” ({{number}}) last: it is concluded, and in force from the first day of its term. Prepare for what your organization takes on.'],
  ],
  'contract.reject': [
    ['契约被拒绝', '{{by}}拒绝了契约“{{title}}”（{{number}}）。理由见契约的历史；如仍需合作，请协商后另行起草。'],
    ['A contract was rejected', '{{by}} rejected the contract “{{title}}” ({{number}}). Its history says why; talk it over, and draft another one if you still want to work together.'],
  ],
  'contract.activate': [
    ['契约已生效', '契约“{{title}}”（{{number}}）自今日起生效，其授权的资源现已开放。请按条款履约。'],
    ['A contract came into force', 'The contract “{{title}}” ({{number}}) is in force, and what it grants is open. Use it, and do what your organization has taken on.'],
  ],
  'contract.suspend': [
    ['契约已中止', '{{by}}中止了契约“{{title}}”（{{number}}），其授权的资源即刻关闭，直至恢复。理由见契约的历史，如有疑问请联系团委。'],
    ['A contract was suspended', '{{by}} suspended the contract “{{title}}” ({{number}}): what it grants is closed until it is resumed. Its history says why; ask the committee if anything is unclear.'],
  ],
  'contract.resume': [
    ['契约已恢复', '{{by}}恢复了契约“{{title}}”（{{number}}），其授权的资源重新开放。请继续履约。'],
    ['A contract was resumed', '{{by}} resumed the contract “{{title}}” ({{number}}): what it grants is open again. Go on with what your organization has taken on.'],
  ],
  'contract.terminate': [
    ['契约已终止', '{{by}}终止了契约“{{title}}”（{{number}}），其授权的资源即刻关闭。理由见契约的历史；如需继续合作，请另行起草。'],
    ['A contract was terminated', '{{by}} terminated the contract “{{title}}” ({{number}}): what it grants is closed. Its history says why; draft another one if you want to go on working together.'],
  ],
  'contract.expire': [
    ['契约已到期', '契约“{{title}}”（{{number}}）已过期限最后一日，其授权的资源已关闭。如需继续合作，请另行起草。'],
    ['A contract expired', 'The last day of the contract “{{title}}” ({{number}}) has passed, and what it grants is closed. Draft another one if you want to go on working together.'],
  ],
  'contract.amend': [
    ['新的变更契约草稿', '{{by}}起草了契约 {{amended}} 的变更契约“{{title}}”（{{number}}）。请继续修改，完成后提出，由各方签署。'],
    ['An amendment was drafted', '{{by}} drafted “{{title}}” ({{number}}), an amendment of the contract {{amended}}. Edit it further, and propose it to its parties once it is ready.'],
  ],
  'contract.supersede': [
    ['契约将由变更契约取代', '各方已签署变更契约：契约“{{title}}”（{{number}}）自 {{from}} 起由其取代。请自该日起按变更契约履约。'],
    ['An amendment takes a contract over', 'Every party has signed an amendment: it takes the place of the contract “{{title}}” ({{number}}) from {{from}} on. From that day go by the amendment.'],
  ],
  'contract.restore': [
    ['契约继续有效', '变更契约未生效即终止，契约“{{title}}”（{{number}}）按原内容继续。请继续按其履约。'],
    ['A contract goes on', 'Its amendment was terminated before it began: the contract “{{title}}” ({{number}}) goes on as it was. Go on by it.'],
  ],

  'resource.create': [
    ['新的资源', '{{by}}添加了资源“{{resource}}”。请核对其开放时间、预约规则与共享范围。'],
    ['A resource was added', '{{by}} added the resource “{{resource}}”. Look over its opening hours, booking policy and sharing.'],
  ],
  'resource.update': [
    ['资源信息已修改', '{{by}}修改了资源“{{resource}}”的信息。请核对是否正确。'],
    ['A resource was edited', '{{by}} edited the resource “{{resource}}”. Look whether all is right.'],
  ],
  'resource.withdraw': [
    ['资源停止服务', '{{by}}暂停了资源“{{resource}}”的服务，恢复前不能预约。已有预约请与其联系确认。'],
    ['A resource is out of service', '{{by}} took the resource “{{resource}}” out of service: it cannot be booked until it is back. Ask about the bookings that you have.'],
  ],
  'resource.return': [
    ['资源恢复服务', '{{by}}恢复了资源“{{resource}}”的服务，现可预约。'],
    ['A resource is back in service', '{{by}} brought the resource “{{resource}}” back into service: it can be booked again.'],
  ],
  'resource.share': [
    ['资源共享范围已更改', '{{by}}将资源“{{resource}}”的共享范围改为：{{sharing}}。请核对是否正确。'],
    ['A resource is shared differently', '{{by}} now shares the resource “{{resource}}” with: {{sharing}}. Look whether that is right.'],
  ],
  'resource.retire': [
    ['资源已停用', '{{by}}停用了资源“{{resource}}”，不再恢复。如仍需要，请另行添加。'],
    ['A resource was retired', '{{by}} retired the resource “{{resource}}” for good. Add another one if it is still needed.'],
  ],

  'resource.block': [
    ['资源有不可预约的时间', '{{by}}将资源“{{resource}}”自 {{start}} 至 {{end}} 设为不可预约。需要时请另选时间。'],
    ['A time of a resource was blocked', '{{by}} keeps the resource “{{resource}}” from being booked from {{start}} to {{end}}. Choose another time if you need it.'],
  ],
  'resource.unblock': [
    ['资源的时间重新可约', '{{by}}取消了资源“{{resource}}”自 {{start}} 至 {{end}} 的不可预约。现可预约。'],
    ['A blocked time is free again', '{{by}} lets the resource “{{resource}}” be booked again from {{start}} to {{end}}.'],
  ],

  'booking.book': [
    ['新的预约', '{{by}}预约了“{{resource}}”，{{start}} 至 {{end}}。请做好准备；如有变化，请及时改期或取消。'],
    ['A resource was booked', '{{by}} booked “{{resource}}” from {{start}} to {{end}}. Be ready for it; reschedule or cancel in time if anything comes up.'],
  ],
  'booking.request': [
    ['预约待批准', '{{by}}申请预约“{{resource}}”，{{start}} 至 {{end}}。请资源所有单位批准或拒绝；开始时仍未答复即失效。'],
    ['A booking waits for approval', '{{by}} asks for “{{resource}}” from {{start}} to {{end}}. Its owner approves or rejects it; without an answer it lapses at its start.'],
  ],
  'booking.series': [
    ['新的系列预约', '{{by}}预约了“{{resource}}” {{count}} 次，{{start}} 至 {{end}}。请做好准备；如有变化，请及时改期或取消。'],
    ['A resource was booked many times', '{{by}} booked “{{resource}}” {{count}} times, from {{start}} to {{end}}. Be ready for it; reschedule or cancel in time if anything comes up.'],
  ],
  'booking.series.request': [
    ['系列预约待批准', '{{by}}申请预约“{{resource}}” {{count}} 次，{{start}} 至 {{end}}。请资源所有单位逐次批准或拒绝；开始时仍未答复即失效。'],
    ['Bookings wait for approval', '{{by}} asks for “{{resource}}” {{count}} times, from {{start}} to {{end}}. Its owner approves or rejects each; without an answer it lapses at its start.'],
  ],
  'booking.series.cancel': [
    ['系列预约已取消', '{{by}}取消了“{{resource}}”的 {{count}} 次预约，{{start}} 至 {{end}}，这些时间已空出。理由见预约的历史；如仍需要，请另行预约。'],
    ['Bookings were cancelled', '{{by}} cancelled {{count}} bookings of “{{resource}}” from {{start}} to {{end}}: those times are free. Their history says why; book again if you still need them.'],
  ],
  'booking.series.reschedule': [
    ['系列预约已改期', '{{by}}将“{{resource}}”的 {{count}} 次预约改期，现为 {{start}} 至 {{end}}。请核对新的时间；如需批准，请资源所有单位批准或拒绝。'],
    ['Bookings were rescheduled', '{{by}} moved {{count}} bookings of “{{resource}}”; they are from {{start}} to {{end}} now. Look over the new times; where approval is needed, its owner approves or rejects each.'],
  ],
  'booking.wait': [
    ['有单位候补', '{{by}}候补“{{resource}}”，{{start}} 至 {{end}}。有空位时按次序自动转为预约；不再需要时请取消。'],
    ['Somebody waits for a resource', '{{by}} waits for “{{resource}}” from {{start}} to {{end}}. It becomes a booking by itself once there is room and its turn has come; cancel it if it is not needed any more.'],
  ],
  'booking.promote': [
    ['候补已转为预约', '“{{resource}}”有了空位，{{start}} 至 {{end}} 的候补已转为预约。请按时使用；须经批准的，请资源所有单位批准或拒绝；不再需要时请取消。'],
    ['From the waitlist to a booking', 'There is room in “{{resource}}”: who waited for it from {{start}} to {{end}} has a booking now. Use it in time, or cancel it if it is not needed any more; where approval is needed, its owner approves or rejects it.'],
  ],
  'booking.approve': [
    ['预约已批准', '{{by}}批准了“{{resource}}”的预约，{{start}} 至 {{end}}。请按时使用；如有变化，请及时改期或取消。'],
    ['A booking was approved', '{{by}} approved the booking of “{{resource}}” from {{start}} to {{end}}. Use it in time; reschedule or cancel if anything comes up.'],
  ],
  'booking.reject': [
    ['预约被拒绝', '{{by}}拒绝了“{{resource}}”的预约，{{start}} 至 {{end}}。理由见预约的历史；仍需要时请另选时间或资源。'],
    ['A booking was rejected', '{{by}} rejected the booking of “{{resource}}” from {{start}} to {{end}}. Its history says why; choose another time or resource if you still need one.'],
  ],
  'booking.cancel': [
    ['预约已取消', '{{by}}取消了“{{resource}}”的预约，{{start}} 至 {{end}}，该时间已空出。理由见预约的历史；仍需要时请重新预约。'],
    ['A booking was cancelled', '{{by}} cancelled the booking of “{{resource}}” from {{start}} to {{end}}: that time is free. Its history says why; book again if you still need it.'],
  ],
  'booking.reschedule': [
    ['预约已改期', '{{by}}将“{{resource}}”的预约改为 {{start}} 至 {{end}}。请核对新的时间；须经批准的，请资源所有单位批准或拒绝。'],
    ['A booking was rescheduled', '{{by}} moved the booking of “{{resource}}” to {{start}} until {{end}}. Look over the new time; where approval is needed, its owner approves or rejects it.'],
  ],
  'booking.checkOut': [
    ['已领用', '{{by}}登记“{{resource}}”已开始使用，预约至 {{end}}。请按时归还并登记。'],
    ['A resource is in use', '{{by}} noted that “{{resource}}” is in use; it is booked until {{end}}. Give it back in time, and have that noted.'],
  ],
  'booking.checkIn': [
    ['已归还', '{{by}}登记“{{resource}}”已归还，剩余时间已空出。如有损坏或遗失，请与对方联系。'],
    ['A resource was given back', '{{by}} noted that “{{resource}}” was given back: what is left of its time is free. Talk to each other if something is broken or missing.'],
  ],
  'booking.lapse': [
    ['预约已失效', '“{{resource}}”自 {{start}} 至 {{end}} 的预约到开始时仍未获批准或空位，已失效。仍需要时请另选时间。'],
    ['A booking lapsed', 'The booking of “{{resource}}” from {{start}} to {{end}} had neither approval nor a place by its start, and lapsed. Choose another time if you still need it.'],
  ],
  'booking.noShow': [
    ['预约未使用', '“{{resource}}”自 {{start}} 至 {{end}} 的预约到结束时仍未登记使用，记为未到场，已用额度不退。以后不需要时请提前取消。'],
    ['A booking was not used', 'Nobody noted the use of “{{resource}}” from {{start}} to {{end}}: it counts as not used, and keeps what it took of the quota. Cancel in time what you do not need.'],
  ],
  'booking.flag': [
    ['预约的依据不再有效', '“{{resource}}”自 {{start}} 至 {{end}} 的预约所依据的契约或单位目前不再有效。保留期内恢复则预约照常，否则将被释放；请双方联系确认。'],
    ['What a booking rests on is not in force', 'The contract or the organization that the booking of “{{resource}}” from {{start}} to {{end}} rests on is not in force. It stays if that is mended within the term of release, and is given up otherwise: talk to each other.'],
  ],
  'booking.unflag': [
    ['预约的依据恢复有效', '“{{resource}}”自 {{start}} 至 {{end}} 的预约所依据的契约或单位已恢复，预约照常。'],
    ['What a booking rests on is in force again', 'The contract or the organization that the booking of “{{resource}}” from {{start}} to {{end}} rests on is in force again: the booking stays as it is.'],
  ],
  'booking.release': [
    ['预约已释放', '“{{resource}}”自 {{start}} 至 {{end}} 的预约所依据的契约或单位在保留期内未恢复，预约已释放。恢复后仍需要时请重新预约。'],
    ['A booking was given up', 'What the booking of “{{resource}}” from {{start}} to {{end}} rests on did not come back into force within the term of release: the booking was given up. Book again once it is, if you still need it.'],
  ],

  'record.issue': [
    ['志愿服务已记录', '{{by}}确认了“{{activity}}”的服务时长，志愿服务记录已生成。请核对；如有错漏，请申请更正。'],
    ['Services were put on record', '{{by}} confirmed the hours of “{{activity}}”: they are on record. Look them over, and ask for a correction if anything is wrong or missing.'],
  ],

  'team.create': [
    ['新的服务队', '{{by}}组建了服务队“{{team}}”。请编入队员并指定队长。'],
    ['A team was formed', '{{by}} formed the team “{{team}}”. Say who is in it, and who leads it.'],
  ],
  'team.assign': [
    ['服务队成员已调整', '{{by}}调整了服务队“{{team}}”的成员或队长。请查看名单。'],
    ['A team has changed', '{{by}} changed who is in the team “{{team}}”, or who leads it. Look who is in it.'],
  ],
  'course.create': [
    ['新的课程', '{{by}}设立了课程“{{course}}”。请安排场次。'],
    ['A course was set up', '{{by}} set up the course “{{course}}”. Schedule dates of it.'],
  ],
  'course.schedule': [
    ['课程有新场次', '{{by}}安排了课程“{{course}}”的场次，{{start}} 至 {{end}}。请组织志愿者报名。'],
    ['A course has a date', '{{by}} scheduled the course “{{course}}” from {{start}} to {{end}}. Let volunteers know, so that they enrol.'],
  ],
  'course.enroll': [
    ['课程报名成功', '已报名课程“{{course}}”，{{start}} 至 {{end}}。请按时参加。'],
    ['A place on a course', 'There is a place on the course “{{course}}” from {{start}} to {{end}}. Be there in time.'],
  ],
  'course.complete': [
    ['培训完成已记录', '{{by}}记录了课程“{{course}}”的完成。如有误，请与其联系。'],
    ['Training is on record', '{{by}} put the completion of the course “{{course}}” on record. Talk to them if anything is wrong.'],
  ],
  'activity.create': [
    ['新的活动草稿', '{{by}}创建了活动“{{activity}}”，{{start}} 至 {{end}}。请完善安排，邀请单位，然后开放报名。'],
    ['An activity was made', '{{by}} made the activity “{{activity}}” from {{start}} to {{end}}. Prepare it, ask others to take part, then open it.'],
  ],
  'activity.update': [
    ['活动信息已修改', '{{by}}修改了活动“{{activity}}”，现为 {{start}} 至 {{end}}。请核对时间与地点。'],
    ['An activity was edited', '{{by}} edited the activity “{{activity}}”; it is from {{start}} to {{end}}. Look over the time and the place.'],
  ],
  'activity.invite': [
    ['活动邀请待答复', '{{by}}为活动“{{activity}}”（{{start}} 至 {{end}}）发出邀请。受邀单位请接受或谢绝；接受后可认领志愿者与资源。'],
    ['An invitation to an activity', '{{by}} asks an organization to take part in “{{activity}}” from {{start}} to {{end}}. Whoever is asked accepts or declines, and may then pledge volunteers and resources.'],
  ],
  'activity.accept': [
    ['有单位接受活动邀请', '{{by}}将参加活动“{{activity}}”，{{start}} 至 {{end}}。请与其商定分工。'],
    ['An invitation was accepted', '{{by}} takes part in “{{activity}}” from {{start}} to {{end}}. Agree on who does what.'],
  ],
  'activity.decline': [
    ['有单位谢绝活动邀请', '{{by}}不参加活动“{{activity}}”，{{start}} 至 {{end}}。如仍需要，请邀请其他单位。'],
    ['An invitation was declined', '{{by}} does not take part in “{{activity}}” from {{start}} to {{end}}. Ask another organization if you still need one.'],
  ],
  'activity.withdraw': [
    ['有单位退出活动', '{{by}}退出活动“{{activity}}”（{{start}} 至 {{end}}），其认领的资源预约已取消。请重新安排。'],
    ['An organization withdrew', '{{by}} withdrew from “{{activity}}” from {{start}} to {{end}}; what it had pledged is called off. Arrange for others.'],
  ],
  'activity.pledge': [
    ['有单位认领活动所需', '{{by}}为活动“{{activity}}”（{{start}} 至 {{end}}）认领了志愿者或资源。请核对安排。'],
    ['Something was pledged', '{{by}} pledged volunteers or resources for “{{activity}}” from {{start}} to {{end}}. Look over the arrangements.'],
  ],
  'activity.open': [
    ['活动已开放', '{{by}}开放了活动“{{activity}}”，{{start}} 至 {{end}}。请组织报名。'],
    ['An activity is open', '{{by}} opened “{{activity}}” from {{start}} to {{end}}. Let people know, so that they register.'],
  ],
  'activity.begin': [
    ['活动已开始', '活动“{{activity}}”已到开始时间，至 {{end}}。请组织签到；结束后请登记并提交报告。'],
    ['An activity has begun', 'The start of “{{activity}}” has come; it goes on until {{end}}. Check people in; end it when it is over, and report on it.'],
  ],
  'activity.start': [
    ['活动已启动', '{{by}}提前启动了活动“{{activity}}”，至 {{end}}。请组织签到；结束后请登记并提交报告。'],
    ['An activity was begun', '{{by}} began “{{activity}}” early; it goes on until {{end}}. Check people in; end it when it is over, and report on it.'],
  ],
  'activity.complete': [
    ['活动已结束', '{{by}}登记活动“{{activity}}”已结束。请确认服务时长并提交报告。'],
    ['An activity is over', '{{by}} ended “{{activity}}”. Confirm the hours of service, and report on it.'],
  ],
  'activity.report': [
    ['活动报告已提交', '{{by}}提交了活动“{{activity}}”的报告，活动已结项。请查阅。'],
    ['An activity was reported on', '{{by}} reported on “{{activity}}”; it is closed. Read what came of it.'],
  ],
  'activity.cancel': [
    ['活动已取消', '{{by}}取消了活动“{{activity}}”（{{start}} 至 {{end}}），为其预约的资源已空出，报名已取消。理由见活动的历史。'],
    ['An activity was called off', '{{by}} called “{{activity}}” from {{start}} to {{end}} off: what was booked for it is free, and registrations are cancelled. Its history says why.'],
  ],

  'record.correct': [
    ['服务记录已更正', '{{by}}更正了“{{activity}}”的一条服务记录，累计时长随之变更。请核对；理由见记录的历史。'],
    ['A service record was corrected', '{{by}} corrected a service record of “{{activity}}”, and the total of hours with it. Look it over; its history says why.'],
  ],
  'record.import': [
    ['已接收其他系统的服务记录', '{{by}}接收了您在其他系统的志愿服务记录，累计时长随之变更。请核对；如有错漏，请申请更正。'],
    ['Service records were taken over', '{{by}} took over service records of yours from another system, and the total of hours with them. Look them over, and ask for a correction if anything is wrong.'],
  ],
  'correction.request': [
    ['更正申请待答复', '有志愿者认为服务记录有错漏，提出了更正申请。请组织单位核对，更正后答复，或说明理由。'],
    ['A correction is asked for', 'A volunteer finds something wrong or missing in the service records. The organizer looks into it, mends it, and answers.'],
  ],
  'correction.answer': [
    ['更正申请已答复', '{{by}}答复了更正申请。请查看答复；如有异议，请再次申请或联系团委。'],
    ['A request for a correction was answered', '{{by}} answered the request for a correction. Read the answer; ask again, or ask the committee, if you do not agree.'],
  ],
  'contract.document': [
    ['契约扫描件已上传', '{{by}}上传了契约“{{title}}”（{{number}}）的扫描件。请核对是否与签署的内容一致。'],
    ['The scan of a contract is there', '{{by}} put the scan of the contract “{{title}}” ({{number}}) with it. Look whether it is what was signed.'],
  ],
  'certificate.issue': [
    ['志愿服务记录证明已出具', '{{by}}出具了志愿服务记录证明（{{number}}）。请查看并核对；如有错漏，请申请更正记录后重新出具。'],
    ['A certificate of service was issued', '{{by}} issued the certificate of service {{number}}. Look it over; if anything is wrong, ask for a correction of the record and for another certificate.'],
  ],
  'certificate.revoke': [
    ['志愿服务记录证明已撤销', '{{by}}撤销了志愿服务记录证明（{{number}}），验证时显示为已撤销。理由见其历史；如仍需要，请重新申请出具。'],
    ['A certificate of service was revoked', '{{by}} revoked the certificate of service {{number}}: whoever verifies it is told so. Its history says why; ask for another one if you still need it.'],
  ],
  'shift.add': [
    ['新的班次', '{{by}}为活动“{{activity}}”添加了班次“{{duty}}”，{{start}} 至 {{end}}。请核对名额与要求。'],
    ['A shift was added', '{{by}} added the shift “{{duty}}” to the activity “{{activity}}”, from {{start}} to {{end}}. Look over its places and what it asks for.'],
  ],
  'shift.update': [
    ['班次已修改', '{{by}}修改了活动“{{activity}}”的班次“{{duty}}”，现为 {{start}} 至 {{end}}。请核对。'],
    ['A shift was edited', '{{by}} edited the shift “{{duty}}” of the activity “{{activity}}”; it is from {{start}} to {{end}}. Look it over.'],
  ],
  'registration.register': [
    ['班次报名成功', '活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）有新的报名，已占名额。请准时到岗；不能参加请及时取消。'],
    ['A volunteer has a place on a shift', 'There is a registration with a place on the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}. Be there in time; cancel early if anything comes up.'],
  ],
  'registration.wait': [
    ['班次候补', '活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）名额已满，新的报名进入候补，有空位时按先后自动递补；不再需要时请取消。'],
    ['A volunteer waits for a shift', 'The shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}, is full: a volunteer waits for it, and gets the next place by order of arrival. Cancel it if it is not needed any more.'],
  ],
  'registration.promote': [
    ['候补已递补', '活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）有了空位，候补已转为报名。请准时到岗；不能参加请及时取消。'],
    ['From the waitlist to a place', 'There is a place on the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}, and the turn has come. Be there in time, or cancel early.'],
  ],
  'registration.pass': [
    ['候补未能递补', '活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）曾有空位，但因该时间另有班次、缺少监护人同意或其他条件未能递补，仍在候补中。请解决后等待下一个空位。'],
    ['A place could not be taken', 'There was a place on the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}, but another shift at that time, a missing consent or another condition stood against it. It goes on waiting: mend that for the next place.'],
  ],
  'registration.move': [
    ['班次已改期', '{{by}}将活动“{{activity}}”的班次“{{duty}}”改为 {{start}} 至 {{end}}，报名随之移动。请核对；不能参加请及时取消。'],
    ['A shift was moved', '{{by}} moved the shift “{{duty}}” of “{{activity}}” to {{start}} until {{end}}, and the registration with it. Look whether that suits; cancel early if not.'],
  ],
  'registration.cancel': [
    ['报名已取消', '{{by}}取消了活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）的报名，名额已空出。如仍要参加，请重新报名。'],
    ['A registration was called off', '{{by}} called off a registration for the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}. Register again if it is still wanted.'],
  ],
  'registration.drop': [
    ['报名已被取消', '活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）的报名因活动、班次或志愿者状态变化被取消。理由见报名的历史，请另选班次。'],
    ['A registration was cancelled', 'A registration for the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}, was cancelled since the activity, the shift or the volunteer changed. Its history says why; choose another shift.'],
  ],
  'registration.checkIn': [
    ['已签到', '活动“{{activity}}”班次“{{duty}}”已登记签到。离开时请签退，服务时数以签到签退为准。'],
    ['A volunteer checked in', 'Somebody was checked in to the shift “{{duty}}” of “{{activity}}”. Check out on leaving: hours are counted from one to the other.'],
  ],
  'registration.checkOut': [
    ['已签退', '活动“{{activity}}”班次“{{duty}}”已登记签退。服务时数待主办方确认。'],
    ['A volunteer checked out', 'Somebody was checked out of the shift “{{duty}}” of “{{activity}}”. The host will confirm the hours.'],
  ],
  'registration.noShow': [
    ['登记为缺席', '{{by}}将活动“{{activity}}”班次“{{duty}}”（{{start}} 至 {{end}}）的报名登记为缺席。如有出入，请联系主办方；以后不能参加请提前取消。'],
    ['Noted as not having come', '{{by}} noted that somebody did not come to the shift “{{duty}}” of “{{activity}}”, from {{start}} to {{end}}. Talk to the host if that is not so; cancel early next time.'],
  ],
  'device.register': [
    ['登记了离线签到设备', '{{by}}登记了离线签到设备“{{device}}”，其签名的签到记录将被接受。如非贵单位安排，请停用。'],
    ['A device for check-ins was registered', '{{by}} registered the device “{{device}}”: check-ins that it signs are taken. Revoke it if nobody of yours did that.'],
  ],
  'device.revoke': [
    ['离线签到设备已停用', '{{by}}停用了离线签到设备“{{device}}”，其记录不再被接受。需要时请重新登记。'],
    ['A device for check-ins was revoked', '{{by}} revoked the device “{{device}}”: nothing that it sends is taken any more. Register one anew if needed.'],
  ],

  'organization.apply': [
    ['新的入网申请', '“{{organization}}”申请加入网络。请核对其信息，然后批准或拒绝。'],
    ['An organization applied to join', '“{{organization}}” applied to join the network. Look over what it says of itself, then approve or reject it.'],
  ],
  'organization.approve': [
    ['单位已加入网络', '{{by}}批准“{{organization}}”加入网络。该单位现可设立阵地、添加资源、订立契约。'],
    ['An organization joined the network', '{{by}} admitted “{{organization}}” to the network. It can now set up positions, add resources and conclude contracts.'],
  ],
  'organization.reject': [
    ['入网申请被拒绝', '{{by}}拒绝了“{{organization}}”的入网申请。理由见其历史，补正后可重新申请。'],
    ['An application was rejected', '{{by}} rejected the application of “{{organization}}”. Its history says why; apply again once that is mended.'],
  ],
  'organization.suspend': [
    ['单位已中止', '{{by}}中止了“{{organization}}”：恢复前该单位只能查看自己的数据，其共享的资源对外关闭。如有疑问请联系团委。'],
    ['An organization was suspended', '{{by}} suspended “{{organization}}”: until it is reinstated it can only read its own data, and what it shares is closed to others. Ask the committee if anything is unclear.'],
  ],
  'organization.reinstate': [
    ['单位已恢复', '{{by}}恢复了“{{organization}}”：该单位可照常工作，其共享的资源重新开放。'],
    ['An organization was reinstated', '{{by}} reinstated “{{organization}}”: it can work as before, and what it shares is open again.'],
  ],
  'organization.leave': [
    ['单位已退出网络', '“{{organization}}”已退出网络，其成员身份均已结束。如需重新加入，请再次申请。'],
    ['An organization left the network', '“{{organization}}” left the network, and its memberships ended. To come back it applies again.'],
  ],
  'organization.update': [
    ['单位信息已修改', '{{by}}修改了“{{organization}}”的信息。请核对是否正确。'],
    ['An organization was edited', '{{by}} edited what “{{organization}}” says of itself. Look whether all is right.'],
  ],

  'volunteer.apply': [
    ['新的志愿者申请', '志愿者 {{number}} 提交了申请。请核对身份证件，然后批准或拒绝。'],
    ['Somebody applied to volunteer', 'Volunteer {{number}} applied. Look at the identity document, then approve or reject the application.'],
  ],
  'volunteer.approve': [
    ['志愿者申请已批准', '{{by}}批准了志愿者 {{number}} 的申请。现可报名参加活动的岗位；未满 18 周岁的，首次上岗前须有监护人的同意。'],
    ['A volunteer was approved', '{{by}} approved volunteer {{number}}. Shifts of activities are open now; under 18 the guardian has to agree before the first one.'],
  ],
  'volunteer.reject': [
    ['志愿者申请被拒绝', '{{by}}拒绝了志愿者 {{number}} 的申请。理由见其历史，补正后可重新申请。'],
    ['An application to volunteer was rejected', '{{by}} rejected the application of volunteer {{number}}. Its history says why; apply again once that is mended.'],
  ],
  'volunteer.import': [
    ['志愿者名单导入中', '{{by}}正在导入志愿者名单。请查看其进度与报告，并核对新增的志愿者。'],
    ['A roster is imported', '{{by}} imports a roster of volunteers. See how far it has come and what it reports, and look over who was added.'],
  ],
  'volunteer.update': [
    ['志愿者信息已修改', '志愿者 {{number}} 的信息已修改。请核对是否正确。'],
    ['A volunteer was edited', 'What is said of volunteer {{number}} was changed. Look whether all is right.'],
  ],
  'volunteer.pause': [
    ['志愿者暂停服务', '志愿者 {{number}} 暂停服务。已报名的岗位如不能到岗，请及时取消。'],
    ['A volunteer pauses', 'Volunteer {{number}} pauses. Cancel the shifts that nobody will come to.'],
  ],
  'volunteer.resume': [
    ['志愿者恢复服务', '志愿者 {{number}} 恢复服务，现可报名。'],
    ['A volunteer is back', 'Volunteer {{number}} goes on and can register for shifts again.'],
  ],
  'volunteer.leave': [
    ['志愿者退出', '志愿者 {{number}} 已退出，今后的岗位均已取消。如需重新加入，请联系单位。'],
    ['A volunteer left', 'Volunteer {{number}} left, and coming shifts were given up. The organization takes back who wants to return.'],
  ],
  'volunteer.rejoin': [
    ['志愿者重新加入', '{{by}}重新接纳了志愿者 {{number}}，现可报名。'],
    ['A volunteer came back', '{{by}} took volunteer {{number}} back: shifts are open again.'],
  ],
  'volunteer.consent': [
    ['监护人的同意已记录', '{{by}}记录了志愿者 {{number}} 的监护人的同意，现可报名参加岗位。'],
    ['A guardian agreed', '{{by}} recorded the consent of the guardian of volunteer {{number}}, who can register for shifts now.'],
  ],
  'volunteer.withdraw': [
    ['同意已撤回', '志愿者 {{number}} 的一项同意已撤回。请核对其今后的岗位。'],
    ['A consent was withdrawn', 'A consent of volunteer {{number}} was withdrawn. Look at the coming shifts.'],
  ],
  'volunteer.export': [
    ['个人信息已导出', '志愿者 {{number}} 的个人信息已导出。如非本人或单位所为，请更改密码并联系单位。'],
    ['Personal data was exported', 'The personal data of volunteer {{number}} was exported. If that was neither you nor the organization, change the password and ask the organization.'],
  ],
  'volunteer.erase': [
    ['志愿者已注销', '志愿者 {{number}} 已注销，其个人信息不再保存，服务时长匿名保留。请勿另行保存其信息。'],
    ['A volunteer was erased', 'Volunteer {{number}} was erased: the personal data is gone, the hours stay without a name. Keep nothing of it elsewhere.'],
  ],
  'campaign.draft': [
    ['新的招募令草稿', '{{by}}起草了招募令“{{campaign}}”。请继续修改，完成后发布。'],
    ['A recruitment call was drafted', '{{by}} drafted the recruitment call “{{campaign}}”. Edit it further, and open it once it is ready.'],
  ],
  'campaign.open': [
    ['招募令已发布', '{{by}}发布了招募令“{{campaign}}”。请及时答复报名的人。'],
    ['A recruitment call went out', '{{by}} opened the recruitment call “{{campaign}}”. Answer those who apply in time.'],
  ],
  'campaign.close': [
    ['招募令已结束', '{{by}}结束了招募令“{{campaign}}”，不再接受报名。请答复尚未答复的申请。'],
    ['A recruitment call was closed', '{{by}} closed the recruitment call “{{campaign}}”: nobody can answer it any more. Answer the applications that still wait.'],
  ],

  'member.invite': [
    ['已邀请新成员', '{{by}}邀请{{person}}加入“{{organization}}”（{{role}}）。请将邀请码转交本人，14 天内有效。'],
    ['A member was invited', '{{by}} invited {{person}} to “{{organization}}” ({{role}}). Pass the invitation code on; it is good for 14 days.'],
  ],
  'member.accept': [
    ['新成员已加入', '{{person}}接受邀请，成为“{{organization}}”的成员。请安排其工作。'],
    ['A member joined', '{{person}} accepted the invitation and is now a member of “{{organization}}”. Show them what there is to do.'],
  ],
  'member.role': [
    ['成员角色已变更', '{{by}}将{{person}}在“{{organization}}”的角色改为：{{role}}。本人刷新会话或重新登录后生效。'],
    ['A member has another role', '{{by}} gave {{person}} another role in “{{organization}}”: {{role}}. It counts once they refresh the session or sign in again.'],
  ],
  'member.suspend': [
    ['成员身份已中止', '{{by}}中止了{{person}}在“{{organization}}”的成员身份，恢复前不能以此身份操作。如有疑问请联系该单位管理员。'],
    ['A membership was suspended', '{{by}} suspended the membership of {{person}} in “{{organization}}”: nothing can be done by it until it is reinstated. Ask the administrators of the organization if anything is unclear.'],
  ],
  'member.reinstate': [
    ['成员身份已恢复', '{{by}}恢复了{{person}}在“{{organization}}”的成员身份，现可照常操作。'],
    ['A membership was reinstated', '{{by}} reinstated the membership of {{person}} in “{{organization}}”: they can act by it again.'],
  ],
  'member.end': [
    ['成员身份已结束', '{{by}}结束了{{person}}在“{{organization}}”的成员身份。如需重新加入，须再次邀请。'],
    ['A membership ended', '{{by}} ended the membership of {{person}} in “{{organization}}”. To come back they need another invitation.'],
  ],

  'position.create': [
    ['新的阵地', '{{by}}设立了阵地“{{position}}”，已在网络图上。请核对其地址与开放时间。'],
    ['A position was set up', '{{by}} set up the position “{{position}}”; it is on the map of the network. Look over its address and opening hours.'],
  ],
  'position.update': [
    ['阵地信息已修改', '{{by}}修改了阵地“{{position}}”的信息。请核对其地址与开放时间。'],
    ['A position was edited', '{{by}} edited the position “{{position}}”. Look over its address and opening hours.'],
  ],

  'reward.offer': [
    ['新的兑换品', '{{by}}提供了兑换品“{{reward}}”。请核对其价格与余量。'],
    ['A reward was added', '{{by}} added the reward “{{reward}}”. Look over its price and how many there are.'],
  ],
  'reward.update': [
    ['兑换品已修改', '{{by}}修改了兑换品“{{reward}}”。请核对是否正确。'],
    ['A reward was changed', '{{by}} changed the reward “{{reward}}”. Look whether all is right.'],
  ],
  'reward.redeem': [
    ['有人兑换', '“{{reward}}”被兑换 {{quantity}} 份，积分已冻结。请备好，凭取货码兑现。'],
    ['A reward was redeemed', '“{{reward}}” was taken {{quantity}} times; the points are kept for it. Have it ready, and hand it out by the pickup code.'],
  ],
  'reward.fulfil': [
    ['兑换已兑现', '{{by}}已兑现“{{reward}}” {{quantity}} 份，积分已支付。如有疑问请联系该单位。'],
    ['A redemption was handed out', '{{by}} handed out “{{reward}}”, {{quantity}} of it, and the points are paid. Ask them if anything is unclear.'],
  ],
  'reward.cancel': [
    ['兑换已取消', '“{{reward}}”的兑换已取消，积分与物品均已退回。理由见其历史；如仍需要，请另行兑换。'],
    ['A redemption was called off', 'The redemption of “{{reward}}” was called off; points and things went back. Its history says why; redeem again if it is still wanted.'],
  ],
  'reward.lapse': [
    ['兑换已逾期', '“{{reward}}”未按时领取，积分与物品均已退回。如仍需要，请另行兑换。'],
    ['A redemption lapsed', '“{{reward}}” was not fetched in time; points and things went back. Redeem again if it is still wanted.'],
  ],
  'wish.submit': [
    ['新的微心愿待审核', '有人提交了微心愿“{{wish}}”。请审核并发布，或谢绝并说明理由。'],
    ['A micro-wish waits for you', 'Somebody submitted the micro-wish “{{wish}}”. Publish it, or decline it with a reason.'],
  ],
  'wish.publish': [
    ['微心愿已发布', '微心愿“{{wish}}”已发布，等待认领。如不再需要，请撤回。'],
    ['A micro-wish was published', 'The micro-wish “{{wish}}” is published, and somebody may take it on. Withdraw it if it is not needed any more.'],
  ],
  'wish.decline': [
    ['微心愿未获发布', '微心愿“{{wish}}”未获发布，理由见其历史。可修改后重新提交。'],
    ['A micro-wish was declined', 'The micro-wish “{{wish}}” was declined; its history says why. Submit another one if you like.'],
  ],
  'wish.claim': [
    ['微心愿已被认领', '微心愿“{{wish}}”已被认领。完成后请确认。'],
    ['A micro-wish was taken on', 'Somebody has taken the micro-wish “{{wish}}” on. Confirm it once it is granted.'],
  ],
  'wish.release': [
    ['微心愿重新等待认领', '微心愿“{{wish}}”的认领已放弃，重新等待认领。'],
    ['A micro-wish is free again', 'The micro-wish “{{wish}}” is free again, for somebody else to take on.'],
  ],
  'wish.fulfil': [
    ['微心愿已完成，请确认', '微心愿“{{wish}}”的认领者表示已完成。请确认，酬谢积分随之支付。'],
    ['A micro-wish was granted: confirm it', 'Who took the micro-wish “{{wish}}” on says that it is granted. Confirm it, and the bounty is paid.'],
  ],
  'wish.confirm': [
    ['微心愿已确认完成', '微心愿“{{wish}}”已确认完成，酬谢积分已支付。感谢您的付出。'],
    ['A micro-wish was confirmed', 'The micro-wish “{{wish}}” is confirmed, and its bounty is paid. Thank you for granting it.'],
  ],
  'wish.withdraw': [
    ['微心愿已撤回', '微心愿“{{wish}}”已撤回，酬谢积分已退回。如仍需要，请重新提交。'],
    ['A micro-wish was withdrawn', 'The micro-wish “{{wish}}” was withdrawn, and its bounty given back. Submit another one if it is needed after all.'],
  ],
  'points.grant': [
    ['收到奖励积分', '{{by}}向您发放了 {{points}} 积分。事由见积分明细，可用于兑换。'],
    ['You were granted points', '{{by}} granted you {{points}} points. Your account says what for; use them for rewards.'],
  ],
  'points.reverse': [
    ['积分已冲正', '{{by}}冲正了 {{points}} 积分。理由见积分明细，如有疑问请联系团委。'],
    ['Points were taken back', '{{by}} took {{points}} points back. The account says why; ask the committee if anything is unclear.'],
  ],
  'points.expire': [
    ['积分已过期', '{{points}} 积分未在有效期内使用，已过期。请留意其余积分的到期日。'],
    ['Points have expired', '{{points}} points were not used in time and are gone. Look when the others expire.'],
  ],
  'points.expiring': [
    ['积分即将过期', '{{points}} 积分将于 {{on}} 过期。请在此之前用于兑换。'],
    ['Points are about to expire', '{{points}} points are gone on {{on}}. Use them for rewards before.'],
  ],
  'points.propose': [
    ['积分结算待确认', '{{by}}提出结算“{{organization}}” {{from}} 至 {{to}} 的积分，合计 {{points}}。请核对，并确认同一合计。'],
    ['A settlement waits for confirmation', '{{by}} proposed to settle the points of “{{organization}}” from {{from}} to {{to}}: {{points}} in total. Check it, and state the same total.'],
  ],
  'points.settle': [
    ['积分已结算', '{{by}}确认了“{{organization}}” {{from}} 至 {{to}} 的积分结算，合计 {{points}}。请按约定付款或收款。'],
    ['Points were settled', '{{by}} confirmed the settlement of the points of “{{organization}}” from {{from}} to {{to}}: {{points}} in total. Pay, or be paid, as agreed.'],
  ],
  'points.policy': [
    ['积分规则已修改', '{{by}}修改了积分规则，自即日起按新规则计算。请核对是否正确。'],
    ['The points policy was changed', '{{by}} changed by what points are earned; it counts from now on. Look whether all is right.'],
  ],

  'need.submit': [
    ['新的需求', '有人提出需求“{{need}}”。请核对，受理、合并或说明理由不予受理。'],
    ['A need was raised', 'Somebody raised the need “{{need}}”. Look it over, then accept it, merge it with the same one, or decline it with a reason.'],
  ],
  'need.update': [
    ['需求已修改', '需求“{{need}}”的内容已修改。请核对。'],
    ['A need was edited', 'The need “{{need}}” was edited. Look it over.'],
  ],
  'need.accept': [
    ['需求已受理', '{{by}}受理了需求“{{need}}”，现已公开。请关注后续安排。'],
    ['A need was accepted', '{{by}} accepted the need “{{need}}”; everybody sees it now. Follow what comes of it.'],
  ],
  'need.decline': [
    ['需求未予受理', '{{by}}未受理需求“{{need}}”。理由见其历史；情况有变时可另行提出。'],
    ['A need was declined', '{{by}} declined the need “{{need}}”. Its history says why; raise it again if things change.'],
  ],
  'need.assign': [
    ['需求已有单位认领', '{{by}}已安排需求“{{need}}”的办理单位。请办理单位联系提出人，办结后说明情况。'],
    ['A need was taken on', '{{by}} gave the need “{{need}}” to an organization. Who has it talks to who raised it, and says how it was met.'],
  ],
  'need.release': [
    ['需求已退回', '{{by}}退回了需求“{{need}}”，现无办理单位。请重新认领或分派。'],
    ['A need was given back', '{{by}} gave the need “{{need}}” back: nobody sees to it now. Take it on, or give it to somebody.'],
  ],
  'need.merge': [
    ['需求已并入相同需求', '{{by}}将需求“{{need}}”并入此前的相同需求，支持者一并转入。请关注该需求。'],
    ['A need was raised before', '{{by}} merged the need “{{need}}” into the same one that was raised before, with all who support it. Follow that one.'],
  ],
  'need.gather': [
    ['需求并入了重复需求', '{{by}}将相同的需求并入“{{need}}”，支持者已一并计入。请查看。'],
    ['Others need the same', '{{by}} merged needs that are the same into “{{need}}”; who supports them counts for it. Have a look.'],
  ],
  'need.plan': [
    ['需求已列入项目', '{{by}}将需求“{{need}}”列入项目。请关注项目进展。'],
    ['A need was planned', '{{by}} planned the need “{{need}}” into a project. Follow how it goes.'],
  ],
  'need.unplan': [
    ['需求重新等待办理', '需求“{{need}}”所在的项目已中止，需求重新等待办理。请另行安排。'],
    ['A need waits again', 'The project that the need “{{need}}” was planned into was stopped. Plan it anew.'],
  ],
  'need.resolve': [
    ['需求已办结', '{{by}}办结了需求“{{need}}”。如未解决，提出人可重新提出。'],
    ['A need was met', '{{by}} says how the need “{{need}}” was met. Who raised it may reopen it if it was not.'],
  ],
  'need.reopen': [
    ['需求被重新提出', '需求“{{need}}”的提出人认为尚未解决。请查看其历史，继续办理。'],
    ['A need was not met after all', 'Who raised the need “{{need}}” says that it was not met. Its history says what is missing: see to it.'],
  ],
  'project.propose': [
    ['新的项目提案', '{{by}}提出项目“{{project}}”。请团委核对后批准。'],
    ['A project was proposed', '{{by}} proposed the project “{{project}}”. The committee looks it over, and approves it.'],
  ],
  'project.update': [
    ['项目已修改', '{{by}}修改了项目“{{project}}”。请核对目标、单位与期限。'],
    ['A project was edited', '{{by}} edited the project “{{project}}”. Look over its goal, who works on it, and until when.'],
  ],
  'project.approve': [
    ['项目已批准', '{{by}}批准了项目“{{project}}”，现已公开。请准备启动。'],
    ['A project was approved', '{{by}} approved the project “{{project}}”; everybody sees it now. Get ready to start it.'],
  ],
  'project.start': [
    ['项目已启动', '{{by}}启动了项目“{{project}}”。请按里程碑开展活动。'],
    ['A project is under way', '{{by}} started the project “{{project}}”. Hold its activities, and keep to its milestones.'],
  ],
  'project.pause': [
    ['项目已暂停', '{{by}}暂停了项目“{{project}}”。理由见其历史；恢复时另行通知。'],
    ['A project rests', '{{by}} paused the project “{{project}}”. Its history says why; you hear when it goes on.'],
  ],
  'project.complete': [
    ['项目已完成', '{{by}}完成了项目“{{project}}”。请办结其需求。'],
    ['A project is done', '{{by}} completed the project “{{project}}”. Say how its needs were met.'],
  ],
  'project.stop': [
    ['项目已中止', '{{by}}中止了项目“{{project}}”，其需求重新等待办理。理由见其历史。'],
    ['A project was given up', '{{by}} stopped the project “{{project}}”; its needs wait again. Its history says why.'],
  ],
  'project.milestone': [
    ['项目有新的里程碑', '{{by}}为项目“{{project}}”添加了里程碑“{{milestone}}”。请按期达成。'],
    ['A milestone was added', '{{by}} added the milestone “{{milestone}}” to the project “{{project}}”. Reach it in time.'],
  ],
  'project.reach': [
    ['里程碑已达成', '{{by}}达成了项目“{{project}}”的里程碑“{{milestone}}”。请继续下一步。'],
    ['A milestone was reached', '{{by}} reached the milestone “{{milestone}}” of the project “{{project}}”. Go on with the next.'],
  ],
  'project.exchange': [
    ['定期交流已安排', '{{by}}安排了项目“{{project}}”的交流，{{start}} 至 {{end}}。请按时参加。'],
    ['An exchange was scheduled', '{{by}} calls you together about the project “{{project}}” from {{start}} to {{end}}. Be there in time.'],
  ],
  'project.minutes': [
    ['交流记录已完成', '{{by}}记录了项目“{{project}}”的交流（{{start}} 至 {{end}}）。请查看决定并落实。'],
    ['An exchange was recorded', '{{by}} wrote down what came of the exchange about the project “{{project}}” from {{start}} to {{end}}. Look at what was decided, and do it.'],
  ],
  'project.adjust': [
    ['服务已调整', '{{by}}调整了项目“{{project}}”的服务：{{what}}。请关注此后的评价。'],
    ['The service was adjusted', '{{by}} adjusted the service of the project “{{project}}”: {{what}}. Follow what people say from now on.'],
  ],
  'project.fall': [
    ['项目口碑低于评分线', '项目“{{project}}”的平均评分已低于评分线。请查看评价，召集交流，调整服务。'],
    ['A project is rated below its threshold', 'The average rating of the project “{{project}}” has fallen below its threshold. Read the feedback, come together, and adjust the service.'],
  ],
  'project.recover': [
    ['项目口碑恢复', '项目“{{project}}”的平均评分已回到评分线以上。'],
    ['A project is rated above its threshold again', 'The average rating of the project “{{project}}” is above its threshold again.'],
  ],
  'activity.project': [
    ['活动已列入项目', '{{by}}将活动“{{activity}}”（{{start}} 至 {{end}}）列入项目，其评价计入项目口碑。'],
    ['An activity is part of a project', '{{by}} made the activity “{{activity}}” from {{start}} to {{end}} part of a project: what people say of it counts there.'],
  ],

  'recognition.nominate': [
    ['新的表彰推荐', '一名志愿者被推荐授予：{{recognition}}。团委审核后将予公示。'],
    ['A volunteer was nominated', 'A volunteer was nominated as: {{recognition}}. The committee reviews it, and then puts it on public notice.'],
  ],
  'recognition.review': [
    ['表彰审核开始', '团委开始审核表彰：{{recognition}}。通过后将予公示。'],
    ['A recognition is under review', 'The committee reviews the recognition as {{recognition}}, and then puts it on public notice.'],
  ],
  'recognition.publicize': [
    ['表彰公示', '表彰（{{recognition}}）自今日起公示，公示期内任何成员均可提出异议。期满无异议后授予。'],
    ['A recognition is on public notice', 'The recognition as {{recognition}} is on public notice from today; every member may object to it. It is awarded once the notice is over without an objection.'],
  ],
  'recognition.object': [
    ['公示收到异议', '公示中的表彰（{{recognition}}）收到异议，退回团委审核。核实后可再次公示。'],
    ['A recognition was objected to', 'The recognition as {{recognition}} was objected to and is under review again. The committee looks into it and may put it on notice once more.'],
  ],
  'recognition.award': [
    ['表彰已授予', '表彰已授予：{{recognition}}。感谢您的服务！'],
    ['A recognition was awarded', 'A recognition was awarded: {{recognition}}. Thank you for the service.'],
  ],
  'recognition.reject': [
    ['表彰未予通过', '表彰（{{recognition}}）未予通过，理由见其历史。'],
    ['A recognition was not given', 'The recognition as {{recognition}} was not given; its history says why.'],
  ],
  'recognition.revoke': [
    ['表彰已撤销', '表彰（{{recognition}}）已被撤销，理由见其历史。'],
    ['A recognition was revoked', 'The recognition as {{recognition}} was taken back; its history says why.'],
  ],
} as const satisfies Record<string, readonly [zh: Text, en: Text]>;

export type Notice = keyof typeof notices;

/**
 * What nobody is told of: what a person does to the own account, what an operator does, what is booked along with what is
 * told of, a booking that goes on as it was by another contract, points that the record of the service tells of, a membership
 * that follows from an approval, and a file that belongs to nothing yet.
 * told of, a booking that goes on as it was by another contract, points and hours that the record of the service tells of,
 * and a file that belongs to nothing yet.
 */
export const untold: readonly AuditAction[] = [
  'account.password',
  'network.found',
  'network.scale',
  'booking.along',
  'booking.carry',
  'calendar.revoke',
  'points.earn',
  'registration.confirm',
  'file.announce',
  'member.admit',
  'need.support',
  'need.policy',
  'feedback.give',
  'feedback.codes',
  'recognition.objection',
  'file.announce', 'record.export',
  'account.password', 'network.found', 'network.scale', 'booking.along', 'booking.carry', 'calendar.revoke', 'points.earn', 'file.announce', 'member.admit',
];

export const isNotice = (name: string): name is Notice => Object.hasOwn(notices, name);

/** What sort of notification tells of what sort of event; SYSTEM where none is named. */
export const kinds: Partial<Record<EventRecord['kind'], NotificationKind>> = {
  CONTRACT_CHANGED: 'CONTRACT',
  BOOKING_CHANGED: 'BOOKING',
  ACTIVITY_CHANGED: 'ACTIVITY',
  REGISTRATION_CHANGED: 'REGISTRATION',
  NEED_CHANGED: 'NEED',
  PROJECT_CHANGED: 'PROJECT',
  POINTS_TRANSFERRED: 'POINTS',
  RECOGNITION_CHANGED: 'RECOGNITION',
};

const parts = (part: 0 | 1) =>
  Object.fromEntries(Object.entries(notices).map(([name, [zh, en]]) => [name, [zh[part], en[part]] as const])) as Record<Notice, readonly [string, string]>;

export const titleIn = textsOf('notice-titles', parts(0));
export const bodyIn = textsOf('notice-bodies', parts(1));

/** Words for the values of `sharing`, `role` and `recognition`; whatever else a notice is filled in with stays the text it is. */
export const wordIn = textsOf('notice-words', {
  PRIVATE: ['本单位', 'nobody else'],
  CONTRACT: ['契约受益方', 'those to whom a contract grants it'],
  NETWORK: ['全网络', 'the network'],
  PUBLIC: ['公众', 'everybody'],
  COMMITTEE: ['团委', 'committee'],
  ADMIN: ['管理员', 'administrator'],
  STAFF: ['工作人员', 'staff'],
  VOLUNTEER: ['志愿者', 'volunteer'],
  RESIDENT: ['居民', 'resident'],
  LEAGUE_DELEGATE: ['团代表', 'league delegate'],
  PART_TIME_LEAGUE_CADRE: ['挂兼职团干部', 'part-time league cadre'],
  YOUTH_FEDERATION_MEMBER: ['青联委员', 'member of the Youth Federation'],
  PARTY_MEMBERSHIP_RECOMMENDATION: ['推优入党', 'recommended for party membership'],
  STAR_VOLUNTEER: ['星级志愿者', 'star volunteer'],
});
