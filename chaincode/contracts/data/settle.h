#pragma once
// How a device's day becomes FINAL under an agreement: the device's signed record is compared with the operator's own
// series of the day, and what is billed of each field is fixed. The agreement's terms decide alone.
//
//   OPEN          the day has not ended
//   RECONCILING   it has, and the agreement's window runs
//   FINAL         `finalize` was called; the first call counts, and further ones change nothing
//
// State, beside that of data.h:
//   cloud\0<device>\0<start>                       the operator's series of a day (CloudDay)
//   settled\0<agreement>\0<device>\0<day>          a FINAL day (SettledDay)
//   settling\0<agreement>\0<device>                the agreement has a FINAL day of the device (value: empty)
//   revision\0<agreement>\0<number>                what became known of a FINAL day after it (SettledDay), from 1 on
//   revisions\0<agreement>                         the number of the last one
//
// A FINAL day never changes. A day that becomes FINAL when its period is billed has no figures, and a revision with
// them. When a record of it comes late, or one that corrects it, `revise` stores a revision, and the next invoice has
// the difference (contracts/billing).

#include "chaincode/contracts/agreement/terms.h"
#include "chaincode/contracts/data/settle_answers.h"
#include "chaincode/contracts/registry/answers.h"
#include "chaincode/stub.h"

namespace tally::chaincode::data {

// Whether the agreement is about the device: it is the operator's, and in the scope.
[[nodiscard]] bool covers(const agreement::Terms& terms, const registry::DeviceView& device);

// Stores the operator's own figures of a device's day; once.
[[nodiscard]] Result<CloudDay> cloud_series(Stub& stub, const CloudSeries& in);
// What finalizing would say now; nothing is stored.
[[nodiscard]] Result<SettledDay> reconcile(Stub& stub, const OfDay& in);
// Makes days FINAL, all or none. Of a day that is FINAL nothing is changed. Where the terms have windows, one day with
// its packed series as attachment 0.
[[nodiscard]] Result<SettledDays> finalize(Stub& stub, const Finalize& in);
// Stores what became known of a FINAL day since; invalid_argument when nothing did. A register of the day goes on from
// the last revision of the day before.
[[nodiscard]] Result<SettledDay> revise(Stub& stub, const OfDay& in);
// FINAL days of a device under an agreement.
[[nodiscard]] Result<SettledPage> settled(Stub& stub, const Settled& in);
// The devices of which an agreement has FINAL days.
[[nodiscard]] Result<SettledDevices> settled_devices(Stub& stub, const OfAgreement& in);
// Of each of many devices, its first FINAL day under an agreement; for the contract billing.
[[nodiscard]] Result<FirstDays> first_days(Stub& stub, const OfDevices& in);
// Revisions from a number on.
[[nodiscard]] Result<Revisions> revisions(Stub& stub, const RevisionsFrom& in);

}  // namespace tally::chaincode::data
