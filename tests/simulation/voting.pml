/* The voting rules of consensus/simplex.h, for four members of which one is Byzantine, and three views, exhaustively.
 *
 * Three members keep the rules; the fourth signs whatever helps, so that a certificate (three votes) exists as soon as
 * two of the three have voted. All that was ever sent may be seen by anybody at any time, or never: votes only add up,
 * so delay, loss and repetition need no state. In every view two blocks may be proposed, as if every leader were
 * Byzantine (two suffice: each needs two of three votes; in the last view one does), each behind any block that a
 * justification allows.
 *
 * Blocks: 0 is the genesis block; 2v-1 and 2v are those of view v. A member is one number, so that the three can be
 * sorted: who is who does not matter. Per view v five bits from 5(v-1) on: the notarized block of the view (0 none, 1, 2),
 * whether it nullified, the finalized block. That a member enters a view shows only when it votes there.
 *
 * Asserted after every step: no view has two finalized blocks, nor a finalized one and a nullification; of two finalized
 * blocks the later descends from the earlier. Without a rule this must fail: -DNULLIFIED_MAY_FINALIZE (a member
 * finalizes a view that it has nullified), -DFINALIZED_MAY_NULLIFY, -DVIEWS_MAY_BE_SKIPPED (no nullifications between
 * parent and block).
 */

int m[3];
byte parent[7]; /* of each block that was proposed, and one more; 0: not proposed */

#define BIT(v) (5 * ((v) - 1))
#define NOTARIZED_BY(i, v) ((m[i] >> BIT(v)) & 3)
#define NULLIFIED_BY(i, v) ((m[i] >> (BIT(v) + 2)) & 1)
#define FINALIZED_BY(i, v) ((m[i] >> (BIT(v) + 3)) & 3)

#define NOTARIZED(v, b) \
    ((NOTARIZED_BY(0, v) == (b)) + (NOTARIZED_BY(1, v) == (b)) + (NOTARIZED_BY(2, v) == (b)) >= 2)
#define NULLIFIED(v) (NULLIFIED_BY(0, v) + NULLIFIED_BY(1, v) + NULLIFIED_BY(2, v) >= 2)
#define FINALIZED(v, b) \
    ((FINALIZED_BY(0, v) == (b)) + (FINALIZED_BY(1, v) == (b)) + (FINALIZED_BY(2, v) == (b)) >= 2)

#define BLOCK(v, b) (2 * (v) - 2 + (b))
/* The view before is over, and the member has not finalized this one nor voted in a later one. */
#define OVER(v) (NOTARIZED(v, 1) || NOTARIZED(v, 2) || NULLIFIED(v))
#define MAY_BE_IN(i, v, before) (before && (m[i] >> (BIT(v) + 3)) == 0)
#define IN_1(i) MAY_BE_IN(i, 1, true)
#define IN_2(i) MAY_BE_IN(i, 2, OVER(1))
#define IN_3(i) MAY_BE_IN(i, 3, OVER(2))

#define UP(block) (parent[block] - 1)
#define BEHIND(v, b, w, c) /* block c of view w descends from block b of view v, or one of them is not final */ \
    (!FINALIZED(v, b) || !FINALIZED(w, c) || UP(BLOCK(w, c)) == BLOCK(v, b) || \
     (UP(BLOCK(w, c)) > 0 && UP(UP(BLOCK(w, c))) == BLOCK(v, b)))
#define LINE(v, w) (BEHIND(v, 1, w, 1) && BEHIND(v, 1, w, 2) && BEHIND(v, 2, w, 1) && BEHIND(v, 2, w, 2))
#define ONE(v) (!(FINALIZED(v, 1) && FINALIZED(v, 2)) && !((FINALIZED(v, 1) || FINALIZED(v, 2)) && NULLIFIED(v)))

/* The end of every step. */
inline done() {
    assert(ONE(1) && ONE(2) && ONE(3) && LINE(1, 2) && LINE(1, 3) && LINE(2, 3));
    if :: m[0] > m[1] -> swap = m[0]; m[0] = m[1]; m[1] = swap :: else fi;
    if :: m[1] > m[2] -> swap = m[1]; m[1] = m[2]; m[2] = swap :: else fi;
    if :: m[0] > m[1] -> swap = m[0]; m[0] = m[1]; m[1] = swap :: else fi;
    swap = 0
}

/* The first proposal of its view that the member finds good. */
#define FREE(i, v) (IN_##v(i) && NOTARIZED_BY(i, v) == 0 && !NULLIFIED_BY(i, v))
#define JOIN(i, v, b) \
    :: d_step { FREE(i, v) && parent[BLOCK(v, b)] != 0 -> m[i] = m[i] | ((b) << BIT(v)); done() }
#define BEGIN(i, v, b, p, justified) \
    :: d_step { FREE(i, v) && parent[BLOCK(v, b)] == 0 && ((b) == 1 || parent[BLOCK(v, 1)] != 0) && (justified) -> \
        parent[BLOCK(v, b)] = (p) + 1; m[i] = m[i] | ((b) << BIT(v)); done() }
/* The view has taken too long. */
#ifdef FINALIZED_MAY_NULLIFY
#define TIME_OUT(i, v) :: d_step { !NULLIFIED_BY(i, v) -> m[i] = m[i] | (4 << BIT(v)); done() }
#else
#define TIME_OUT(i, v) \
    :: d_step { IN_##v(i) && !NULLIFIED_BY(i, v) -> m[i] = m[i] | (4 << BIT(v)); done() }
#endif
/* A notarization of any view. */
#ifdef NULLIFIED_MAY_FINALIZE
#define MAY_FINALIZE(i, v) (FINALIZED_BY(i, v) == 0)
#else
#define MAY_FINALIZE(i, v) (FINALIZED_BY(i, v) == 0 && !NULLIFIED_BY(i, v))
#endif
#define SEE_NOTARIZED(i, v, b) \
    :: d_step { NOTARIZED(v, b) && MAY_FINALIZE(i, v) -> m[i] = m[i] | ((b) << (BIT(v) + 3)); done() }

#ifdef VIEWS_MAY_BE_SKIPPED
#define SKIPPED(v) true
#else
#define SKIPPED(v) NULLIFIED(v)
#endif

#define VOTES(i, v) JOIN(i, v, 1) JOIN(i, v, 2) TIME_OUT(i, v) \
    SEE_NOTARIZED(i, v, 1) SEE_NOTARIZED(i, v, 2)
#define EARLY(i, b) \
    BEGIN(i, 1, b, 0, true) \
    BEGIN(i, 2, b, 0, SKIPPED(1)) BEGIN(i, 2, b, 1, NOTARIZED(1, 1)) BEGIN(i, 2, b, 2, NOTARIZED(1, 2))
#define LAST(i, b) \
    BEGIN(i, 3, b, 0, SKIPPED(1) && SKIPPED(2)) \
    BEGIN(i, 3, b, 1, NOTARIZED(1, 1) && SKIPPED(2)) BEGIN(i, 3, b, 2, NOTARIZED(1, 2) && SKIPPED(2)) \
    BEGIN(i, 3, b, 3, NOTARIZED(2, 1)) BEGIN(i, 3, b, 4, NOTARIZED(2, 2))
#define MEMBER(i) VOTES(i, 1) VOTES(i, 2) VOTES(i, 3) EARLY(i, 1) EARLY(i, 2) LAST(i, 1)

active proctype members() {
    int swap;
end:
    do
    MEMBER(0) MEMBER(1) MEMBER(2)
    od
}
