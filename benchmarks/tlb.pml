/* scenarios/library/bench/tlb.mmscn in Promela, statement by statement, for the comparison with SPIN.
 *
 * Set NW, NP, K, Z and VAR on the command line of spin; see the scenario for their meaning. SPIN counts
 * two states more than mmscn without reductions: those of the init process. */
mtype = { NONE, RO, RW, RWD };

mtype tlb[NW * NP], pte[NP];
#define TLB(c, x) tlb[(c) * NP + (x)]
byte pend[NW];                    /* 1: asked by the zapper, 2: by writeback */
bit ptl, locked[NP], dirty[NP], incache[NP];
byte mapcount[NP], refcount[NP], content[NP], disk[NP];

inline each_page(n) { n = 0; do :: n < NP -> TLB(c, n) = NONE; n++ :: else -> break od; n = 0 }
#define INTERRUPT d_step { pend[c] -> pend[c] = 0; each_page(n) }

inline ask(who) {
  d_step { n = 0; do :: n < NW -> pend[n] = pend[n] | who; n++ :: else -> break od; n = 0 }
}
#if NW == 1
#define ANSWERED(who) !(pend[0] & who)
#elif NW == 2
#define ANSWERED(who) !((pend[0] | pend[1]) & who)
#elif NW == 3
#define ANSWERED(who) !((pend[0] | pend[1] | pend[2]) & who)
#else
#define ANSWERED(who) !((pend[0] | pend[1] | pend[2] | pend[3]) & who)
#endif

proctype writer(byte c) {
  byte x, k, n;
end_pick:
  if
  :: INTERRUPT; goto end_pick
  :: d_step { k < K -> x = 0 }; goto walk
#if NP > 1
  :: d_step { k < K -> x = 1 }; goto walk
#endif
#if NP > 2
  :: d_step { k < K -> x = 2 }; goto walk
#endif
  fi;
walk:
  if
  :: INTERRUPT; goto walk
  :: TLB(c, x) == RWD -> goto write
  :: TLB(c, x) == RW -> goto set_dirty
  :: d_step { TLB(c, x) == RO -> TLB(c, x) = NONE }; goto fault
  :: TLB(c, x) == NONE && pte[x] == NONE -> goto fault
  :: d_step { TLB(c, x) == NONE && pte[x] != NONE -> TLB(c, x) = pte[x] }; goto walk
  fi;
set_dirty:
  if
  :: d_step { pte[x] == RW || pte[x] == RWD -> pte[x] = RWD; TLB(c, x) = RWD }; goto write
  :: d_step { pte[x] == NONE || pte[x] == RO -> TLB(c, x) = NONE }; goto fault
  fi;
fault:
  if :: INTERRUPT; goto fault :: d_step { !locked[x] -> locked[x] = 1 } fi;
take_ptl:
  if :: INTERRUPT; goto take_ptl :: d_step { !ptl -> ptl = 1 } fi;
install:
  if
  :: INTERRUPT; goto install
  :: d_step { pte[x] == NONE && incache[x] -> pte[x] = RW; mapcount[x]++; refcount[x]++ }
  :: d_step { pte[x] == NONE && !incache[x] ->
       incache[x] = 1; pte[x] = RW; mapcount[x]++; refcount[x] = 2; content[x] = disk[x] }
  :: d_step { pte[x] == RO -> pte[x] = RW }
  :: pte[x] == RW || pte[x] == RWD
  fi;
drop_ptl:
  if :: INTERRUPT; goto drop_ptl :: ptl = 0 fi;
page_dirty:
  if :: INTERRUPT; goto page_dirty :: dirty[x] = 1 fi;
unlock:
  if :: INTERRUPT; goto unlock :: locked[x] = 0 fi;
  goto walk;
write:
  if :: d_step { content[x]++; k++; x = 0 } fi;
  goto end_pick
}

proctype zapper() {
  byte r, x, n;
  bit old, gathered[NP];
end_zap:
  if :: d_step { r < Z && !ptl -> ptl = 1; x = 0 } fi;
scan:
  if
  :: d_step { x < NP && pte[x] == NONE -> x++ }; goto scan
  :: d_step { x < NP && pte[x] != NONE -> old = (pte[x] == RWD); pte[x] = NONE; gathered[x] = 1 }
  :: d_step { x == NP -> x = 0 }; goto done
  fi;
#if VAR < 2
  d_step { dirty[x] = dirty[x] | old; old = 0 };
  d_step { mapcount[x]--; x++ };
#else
  d_step { dirty[x] = dirty[x] | old; old = 0; x++ };
#endif
  goto scan;
done:
#if VAR == 0
  ptl = 0;
  ask(1);
#else
  if :: ask(1) fi;
#endif
  ANSWERED(1);
#if VAR == 2
  d_step { n = 0; do :: n < NP -> mapcount[n] = mapcount[n] - gathered[n]; n++ :: else -> break od; n = 0 };
#endif
#if VAR > 0
  ptl = 0;
#endif
  d_step {
    n = 0;
    do :: n < NP -> refcount[n] = refcount[n] - gathered[n]; gathered[n] = 0; n++ :: else -> break od; n = 0;
    r++
  };
  goto end_zap
}

proctype writeback() {
  byte x, n;
  bit old;
end_writeback:
  if
  :: d_step { !locked[0] && dirty[0] -> locked[0] = 1; x = 0 }
#if NP > 1
  :: d_step { !locked[1] && dirty[1] -> locked[1] = 1; x = 1 }
#endif
#if NP > 2
  :: d_step { !locked[2] && dirty[2] -> locked[2] = 1; x = 2 }
#endif
  fi;
  if :: mapcount[x] == 0 -> goto clear :: mapcount[x] != 0 fi;
  d_step { !ptl -> ptl = 1 };
  if
  :: d_step { pte[x] == RW || pte[x] == RWD -> old = 1; pte[x] = NONE }
  :: pte[x] == NONE || pte[x] == RO -> goto drop_ptl
  fi;
  ask(2);
  ANSWERED(2);
  pte[x] = RO;
drop_ptl:
  ptl = 0;
  d_step { dirty[x] = dirty[x] | old; old = 0 };
clear:
  if :: d_step { dirty[x] -> dirty[x] = 0 } :: !dirty[x] -> goto unlock fi;
  disk[x] = content[x];
unlock:
  if :: d_step { locked[x] = 0; x = 0 } fi;
  goto end_writeback
}

#define CLEAN(x) incache[x] && !locked[x] && !dirty[x] && mapcount[x] == 0 && refcount[x] == 1
#define DROP(x) d_step { CLEAN(x) -> assert(content[x] == disk[x]); incache[x] = 0; refcount[x] = 0 }
proctype reclaim() {
end_reclaim:
  do
  :: DROP(0)
#if NP > 1
  :: DROP(1)
#endif
#if NP > 2
  :: DROP(2)
#endif
  od
}

init {
  byte n;
  d_step {
    do :: n < NW * NP -> tlb[n] = NONE; n++ :: else -> break od; n = 0;
    do :: n < NP -> pte[n] = RW; mapcount[n] = 1; refcount[n] = 2; incache[n] = 1; n++
       :: else -> break od; n = 0
  }
  atomic {
    do :: n < NW -> run writer(n); n++ :: else -> break od; n = 0;
    run zapper(); run writeback(); run reclaim()
  }
  end_init: false
}
