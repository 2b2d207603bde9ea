/*
 * holdfast.h - everything. See holdfast/types.h for the conventions all headers share.
 */
#ifndef HOLDFAST_H
#define HOLDFAST_H

#include <holdfast/account.h>
#include <holdfast/admission.h>
#include <holdfast/attention.h>
#include <holdfast/balancer.h>
#include <holdfast/cache.h>
#include <holdfast/engine.h>
#include <holdfast/erase.h>
#include <holdfast/error.h>
#include <holdfast/event.h>
#include <holdfast/histogram.h>
#include <holdfast/hold.h>
#include <holdfast/item.h>
#include <holdfast/journal.h>
#include <holdfast/metrics.h>
#include <holdfast/money.h>
#include <holdfast/node.h>
#include <holdfast/order.h>
#include <holdfast/participant.h>
#include <holdfast/payment.h>
#include <holdfast/peek.h>
#include <holdfast/resilience.h>
#include <holdfast/run.h>
#include <holdfast/shape.h>
#include <holdfast/store.h>
#include <holdfast/txn.h>
#include <holdfast/types.h>
#include <holdfast/unit.h>

#endif
