block b0
  LOAD ub_addr=0x800 dram_addr=0x847869df32d8 bytes=34 n0=2 dram_pitch0=34 dram_pitch1=68 ub_pitch0=37 ub_pitch1=74 class=3
  LOAD ub_addr=0x805 dram_addr=0x847869df328c bytes=19 n0=3 dram_pitch0=19 dram_pitch1=52 ub_pitch0=19 ub_pitch1=63
  FILL ub_addr=0x800 byte=21 bytes=3 ub_pitch0=3 ub_pitch1=-5 class=5 done_to_vector
  WLOAD dram_addr=0x738cf68b0a8d base_reg=2 k_used=9 n_used=4 class=2
  VMAX a=0x2 n=5 tap_y=3 a_s0=-7 a_s1=-8 b_s0=-6 b_s1=5 d=0x805 d_s0=7 d_s1=5 lo=-59 hi=-49 take_load=1 read_to_store read_to_wload done_to_load
  FILL ub_addr=0x802 byte=210 bytes=18 n0=4 n1=3 ub_pitch0=18 ub_pitch1=72 class=5 take_vector_done=1
  LOAD ub_addr=0x203 dram_addr=0x847869df391c bytes=47 dram_pitch0=47 dram_pitch1=47 ub_pitch0=3 ub_pitch1=47
  layer 1
  MATMUL ub_addr=0x60b n0=3 k_used=9 stride0=-5 stride1=-10 stride2=18 acc_row=0x1 acc_bank next_tile
  MATMUL ub_addr=0x602 n2=2 k_used=9 stride0=14 stride1=9 stride2=18 acc_row=0x2 acc_bank accumulate read_to_load read_to_store
  STORE ub_addr=0x401 dram_addr=0x738cf68b06ad base_reg=2 bytes=31 n0=3 dram_pitch0=33 dram_pitch1=93 ub_pitch0=31 ub_pitch1=93 class=5 done_to_load done_to_vector
  STORE ub_addr=0x34b dram_addr=0x738cf68b06f2 base_reg=2 bytes=48 n0=3 dram_pitch0=48 dram_pitch1=144 ub_pitch0=48 ub_pitch1=149
  STORE ub_addr=0x6f8 dram_addr=0x738cf68b0c49 base_reg=2 bytes=13 n1=2 dram_pitch0=19 dram_pitch1=13 ub_pitch0=17 ub_pitch1=21 class=6 take_matmul_read=1 done_to_wload done_to_matmul
  WLOAD dram_addr=0x847869df3c87 k_used=9 n_used=4 class=4
  layer 2
  LOAD ub_addr=0x603 dram_addr=0x4f0 base_reg=1 bytes=18 dram_pitch0=18 dram_pitch1=18 ub_pitch0=18 ub_pitch1=25 class=7 take_matmul_read=1 done_to_wload done_to_matmul
  layer 3
  LOAD dram_addr=0x847869df307e bytes=38 dram_pitch0=38 dram_pitch1=38 ub_pitch0=39 ub_pitch1=31 class=2 done_to_store
  STORE ub_addr=0x16a dram_addr=0x847869df3be5 bytes=25 n0=3 dram_pitch0=25 dram_pitch1=75 ub_pitch0=25 ub_pitch1=17 class=7 take_vector_read=1
  MATMUL ub_addr=0x605 n1=2 k_used=8 stride0=3 stride1=8 stride2=5 acc_row=0x2 next_tile take_load=1 take_store=1 read_to_load read_to_store read_to_wload
  STORE ub_addr=0x4 dram_addr=0x156b base_reg=1 bytes=30 n1=3 dram_pitch0=-35 dram_pitch1=30 ub_pitch0=39 ub_pitch1=30 class=1 take_load=1 done_to_wload
  FILL ub_addr=0x401 byte=203 bytes=13 n0=5 ub_pitch0=13 ub_pitch1=65 class=5 take_store=1 done_to_vector
  WLOAD_UB ub_addr=0x602 k_used=2 n_used=4 ub_pitch=11 class=1 take_load=1 take_store=2 take_matmul_read=1 take_vector_read=1 done_to_load
  FILL ub_addr=0x602 byte=245 bytes=21 n1=3 ub_pitch0=21 ub_pitch1=21 take_wload=1 take_matmul_read=1 done_to_store done_to_wload done_to_matmul
  MATMUL ub_addr=0x801 k_used=2 stride0=6 stride1=2 stride2=4 acc_row=0x2 next_tile done_to_vector
  WLOAD dram_addr=0x738cf68b0ab4 base_reg=2 k_used=9 class=3
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank next_tile take_load=1 read_to_load read_to_vector
  WLOAD_UB ub_addr=0x603 k_used=6 n_used=3 ub_pitch=2 transposed class=6 take_load=1
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank accumulate next_tile
  WLOAD dram_addr=0x847869df2f28 k_used=4 n_used=4 class=2
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank accumulate next_tile read_to_load
  WLOAD dram_addr=0x847869df27aa k_used=9 n_used=4 transposed class=1
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank accumulate next_tile
  WLOAD dram_addr=0x738cf68b0d38 base_reg=2 k_used=7 n_used=4 class=7 done_to_load
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank accumulate next_tile done_to_wload
  WLOAD dram_addr=0x738cf68b11d3 base_reg=2 k_used=2 n_used=2 diagonal class=4 done_to_store
  MATMUL ub_addr=0x5e4 k_used=9 stride0=15 stride1=-9 stride2=16 acc_row=0x2 acc_bank accumulate next_tile read_to_vector
  VACC acc_row=0x2 a_s0=-1 b_s0=8 b_s1=-5 d=0x403 d_s0=9 d_s1=4 param=0x569 scale_b=0x4bffc6b2 lo=-73 hi=-8 params take_load=1 take_store=1 take_matmul_read=2 take_matmul_done=1 read_to_matmul
  STORE ub_addr=0x605 dram_addr=0x1620 base_reg=1 bytes=14 n1=2 dram_pitch0=14 dram_pitch1=14 ub_pitch0=14 ub_pitch1=18 class=7 take_load=1 take_wload=1 take_matmul_read=1
  LOAD_SYNC done_to_vector
  STORE_SYNC done_to_vector
  WLOAD_SYNC done_to_vector
  MATMUL_SYNC done_to_vector
  VECTOR_SYNC fence take_load=1 take_store=1 take_wload=1 take_matmul_done=1 done_to_load done_to_store done_to_wload done_to_matmul
  LOAD_SYNC take_wload=1 take_matmul_read=2 take_vector_done=1
  STORE_SYNC take_vector_done=1
  WLOAD_SYNC take_matmul_done=1 take_vector_done=1
  MATMUL_SYNC take_vector_read=1 take_vector_done=1
call b0 base0=0x7b90fea6196c base1=0x10e79bef2150 base2=0xaca5dd5cdd79
call b0 layer=3 base0=0x7b90fea6196c base1=0x10e79bef2150 base2=0xaca92c9d0de7
call b0 layer=6 base0=0x7b949bd69ce4 base1=0x10e79bef2150 base2=0xaca92c9d0de7
call b0 layer=9 base0=0x7b949bd69ce4 base1=0x1064981abdf8 base2=0xad26d05b0c07
