-- scenarios/library/bench/tlb.mmscn in Murphi, rule for rule after tlb.pml, for the comparison with rumur.
--
-- benchmarks/rumur.py sets the numbers; see the scenario for their meaning. The writers are a scalarset: they are
-- alike. The pages are not, for the zapper scans them in order. With --symmetry-reduction=off there are as many states
-- as mmscn has without reductions.

const
  NW: 2;
  NP: 1;
  K: 2;
  Z: 1;
  VARIANT: 2;
  COUNT: 15; -- more than any count of mappings or references comes to

type
  Cpu: scalarset(NW);
  Page: 0..NP-1;
  Entry: enum { NONE, RO, RW, RWD };
  Content: 0..NW*K;
  Count: 0..COUNT;
  WriterAt: enum { PICK, WALK, SET_DIRTY, FAULT, TAKE_PTL, INSTALL, DROP_PTL, PAGE_DIRTY, UNLOCK, WRITE };
  ZapperAt: enum { ZAP, SCAN, TO_PAGE, UNMAP, DONE, ASK, AWAIT, UNMAP_ALL, ZAP_DROP_PTL, FREE };
  WritebackAt: enum { FIND, MAPPED, WB_TAKE_PTL, CLEAN_PTE, WB_ASK, WB_AWAIT, PROTECT, WB_DROP_PTL, WB_TO_PAGE, PAGE_CLEAN,
                      STORE, WB_UNLOCK };

var
  tlb: array [Cpu] of array [Page] of Entry;
  pte: array [Page] of Entry;
  asked_by_zapper, asked_by_writeback: array [Cpu] of boolean;
  ptl: boolean;
  locked, dirty, incache, gathered: array [Page] of boolean;
  mapcount, refcount: array [Page] of Count;
  content, disk: array [Page] of Content;
  writer: array [Cpu] of record at: WriterAt; x: Page; k: 0..K; end;
  zapper: record at: ZapperAt; x: 0..NP; r: 0..Z; old: boolean; end;
  writeback: record at: WritebackAt; x: Page; old: boolean; end;

startstate begin
  for c: Cpu do
    for p: Page do tlb[c][p] := NONE; end;
    asked_by_zapper[c] := false;
    asked_by_writeback[c] := false;
    writer[c].at := PICK;
    writer[c].x := 0;
    writer[c].k := 0;
  end;
  for p: Page do
    pte[p] := RW;
    mapcount[p] := 1;
    refcount[p] := 2;
    incache[p] := true;
    locked[p] := false;
    dirty[p] := false;
    gathered[p] := false;
    content[p] := 0;
    disk[p] := 0;
  end;
  ptl := false;
  zapper.at := ZAP;
  zapper.x := 0;
  zapper.r := 0;
  zapper.old := false;
  writeback.at := FIND;
  writeback.x := 0;
  writeback.old := false;
end;

ruleset c: Cpu do
  alias w: writer[c]; x: w.x do

    rule "interrupt"
      (asked_by_zapper[c] | asked_by_writeback[c]) & w.at != SET_DIRTY & w.at != WRITE
    ==> begin
      asked_by_zapper[c] := false;
      asked_by_writeback[c] := false;
      for p: Page do tlb[c][p] := NONE; end;
    end;

    ruleset p: Page do
      rule "pick" w.at = PICK & w.k < K ==> begin x := p; w.at := WALK; end;
    end;

    rule "hit dirty" w.at = WALK & tlb[c][x] = RWD ==> begin w.at := WRITE; end;
    rule "hit clean" w.at = WALK & tlb[c][x] = RW ==> begin w.at := SET_DIRTY; end;
    rule "hit read-only" w.at = WALK & tlb[c][x] = RO ==> begin tlb[c][x] := NONE; w.at := FAULT; end;
    rule "miss" w.at = WALK & tlb[c][x] = NONE & pte[x] = NONE ==> begin w.at := FAULT; end;
    rule "fill" w.at = WALK & tlb[c][x] = NONE & pte[x] != NONE ==> begin tlb[c][x] := pte[x]; end;

    rule "set dirty" w.at = SET_DIRTY & (pte[x] = RW | pte[x] = RWD) ==>
    begin pte[x] := RWD; tlb[c][x] := RWD; w.at := WRITE; end;
    rule "dirty fails" w.at = SET_DIRTY & (pte[x] = NONE | pte[x] = RO) ==>
    begin tlb[c][x] := NONE; w.at := FAULT; end;

    rule "lock page" w.at = FAULT & !locked[x] ==> begin locked[x] := true; w.at := TAKE_PTL; end;
    rule "take ptl" w.at = TAKE_PTL & !ptl ==> begin ptl := true; w.at := INSTALL; end;
    rule "map" w.at = INSTALL & pte[x] = NONE & incache[x] ==> begin
      pte[x] := RW;
      mapcount[x] := mapcount[x] + 1;
      refcount[x] := refcount[x] + 1;
      w.at := DROP_PTL;
    end;
    rule "read and map" w.at = INSTALL & pte[x] = NONE & !incache[x] ==> begin
      incache[x] := true;
      pte[x] := RW;
      mapcount[x] := mapcount[x] + 1;
      refcount[x] := 2;
      content[x] := disk[x];
      w.at := DROP_PTL;
    end;
    rule "make writable" w.at = INSTALL & pte[x] = RO ==> begin pte[x] := RW; w.at := DROP_PTL; end;
    rule "is writable" w.at = INSTALL & (pte[x] = RW | pte[x] = RWD) ==> begin w.at := DROP_PTL; end;
    rule "drop ptl" w.at = DROP_PTL ==> begin ptl := false; w.at := PAGE_DIRTY; end;
    rule "page dirty" w.at = PAGE_DIRTY ==> begin dirty[x] := true; w.at := UNLOCK; end;
    rule "unlock page" w.at = UNLOCK ==> begin locked[x] := false; w.at := WALK; end;
    rule "write" w.at = WRITE ==> begin
      content[x] := content[x] + 1;
      w.k := w.k + 1;
      x := 0;
      w.at := PICK;
    end;

  end;
end;

alias z: zapper do
  rule "begin zap" z.at = ZAP & z.r < Z & !ptl ==> begin ptl := true; z.x := 0; z.at := SCAN; end;
  rule "nothing mapped" z.at = SCAN & z.x < NP & pte[z.x] = NONE ==> begin z.x := z.x + 1; end;
  rule "zap" z.at = SCAN & z.x < NP & pte[z.x] != NONE ==> begin
    z.old := pte[z.x] = RWD;
    pte[z.x] := NONE;
    gathered[z.x] := true;
    z.at := TO_PAGE;
  end;
  rule "all zapped" z.at = SCAN & z.x = NP ==> begin z.x := 0; z.at := DONE; end;
  rule "dirty to page" z.at = TO_PAGE ==> begin
    dirty[z.x] := dirty[z.x] | z.old;
    z.old := false;
    if VARIANT < 2 then
      z.at := UNMAP;
    else
      z.x := z.x + 1;
      z.at := SCAN;
    end;
  end;
  rule "unmap" z.at = UNMAP ==> begin
    mapcount[z.x] := mapcount[z.x] - 1;
    z.x := z.x + 1;
    z.at := SCAN;
  end;
  rule "drop ptl early" z.at = DONE & VARIANT = 0 ==> begin ptl := false; z.at := ASK; end;
  rule "ask" (z.at = DONE & VARIANT > 0) | z.at = ASK ==> begin
    for c: Cpu do asked_by_zapper[c] := true; end;
    z.at := AWAIT;
  end;
  rule "answered" z.at = AWAIT & forall c: Cpu do !asked_by_zapper[c] end ==> begin
    if VARIANT = 2 then z.at := UNMAP_ALL; elsif VARIANT = 1 then z.at := ZAP_DROP_PTL; else z.at := FREE; end;
  end;
  rule "unmap all" z.at = UNMAP_ALL ==> begin
    for p: Page do if gathered[p] then mapcount[p] := mapcount[p] - 1; end; end;
    z.at := ZAP_DROP_PTL;
  end;
  rule "drop ptl late" z.at = ZAP_DROP_PTL ==> begin ptl := false; z.at := FREE; end;
  rule "free" z.at = FREE ==> begin
    for p: Page do
      if gathered[p] then refcount[p] := refcount[p] - 1; end;
      gathered[p] := false;
    end;
    z.r := z.r + 1;
    z.at := ZAP;
  end;
end;

alias b: writeback; x: writeback.x do
  ruleset p: Page do
    rule "find dirty" b.at = FIND & !locked[p] & dirty[p] ==> begin locked[p] := true; x := p; b.at := MAPPED; end;
  end;
  rule "not mapped" b.at = MAPPED & mapcount[x] = 0 ==> begin b.at := PAGE_CLEAN; end;
  rule "mapped" b.at = MAPPED & mapcount[x] != 0 ==> begin b.at := WB_TAKE_PTL; end;
  rule "writeback takes ptl" b.at = WB_TAKE_PTL & !ptl ==> begin ptl := true; b.at := CLEAN_PTE; end;
  rule "clear pte" b.at = CLEAN_PTE & (pte[x] = RW | pte[x] = RWD) ==>
  begin b.old := true; pte[x] := NONE; b.at := WB_ASK; end;
  rule "is clean" b.at = CLEAN_PTE & (pte[x] = NONE | pte[x] = RO) ==> begin b.at := WB_DROP_PTL; end;
  rule "writeback asks" b.at = WB_ASK ==> begin
    for c: Cpu do asked_by_writeback[c] := true; end;
    b.at := WB_AWAIT;
  end;
  rule "writeback answered" b.at = WB_AWAIT & forall c: Cpu do !asked_by_writeback[c] end ==>
  begin b.at := PROTECT; end;
  rule "protect" b.at = PROTECT ==> begin pte[x] := RO; b.at := WB_DROP_PTL; end;
  rule "writeback drops ptl" b.at = WB_DROP_PTL ==> begin ptl := false; b.at := WB_TO_PAGE; end;
  rule "old to page" b.at = WB_TO_PAGE ==> begin dirty[x] := dirty[x] | b.old; b.old := false; b.at := PAGE_CLEAN; end;
  rule "clear dirty" b.at = PAGE_CLEAN & dirty[x] ==> begin dirty[x] := false; b.at := STORE; end;
  rule "not dirty" b.at = PAGE_CLEAN & !dirty[x] ==> begin b.at := WB_UNLOCK; end;
  rule "store" b.at = STORE ==> begin disk[x] := content[x]; b.at := WB_UNLOCK; end;
  rule "writeback unlocks" b.at = WB_UNLOCK ==> begin locked[x] := false; x := 0; b.at := FIND; end;
end;

ruleset p: Page do
  rule "reclaim" incache[p] & !locked[p] & !dirty[p] & mapcount[p] = 0 & refcount[p] = 1 ==> begin
    assert "a page that is dropped is on disk" content[p] = disk[p];
    incache[p] := false;
    refcount[p] := 0;
  end;
end;
