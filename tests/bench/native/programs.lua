-- The programs that LuaJIT's interpreter is compared with: luajit -joff programs.lua NAME N prints best seconds of 3.
local run = {}
local function fib(n) if n < 2 then return n end return fib(n - 1) + fib(n - 2) end
run.fib = fib
local flags = {}
function run.sieve(n)
  local size, count = 1048576, 0
  for _ = 1, n do
    for i = 0, size - 1 do flags[i] = 1 end
    local i = 2
    while i * i < size do
      if flags[i] ~= 0 then
        for j = i * i, size - 1, i do flags[j] = 0 end
      end
      i = i + 1
    end
    for k = 2, size - 1 do count = count + flags[k] end
  end
  return count
end
function run.matmul(n)
  local a, b, c = {}, {}, {}
  for i = 0, n - 1 do
    for j = 0, n - 1 do a[i * n + j] = i * 3 + j; b[i * n + j] = i - j * 2 + 7 end
  end
  for i = 0, n - 1 do
    for j = 0, n - 1 do
      local sum, x, y = 0, i * n, j
      for _ = 1, n do
        sum = sum + a[x] * b[y]
        x = x + 1
        y = y + n
      end
      c[i * n + j] = sum
    end
  end
  return c[n]
end
function run.quicksort(n)
  local v, x = {}, 12345
  for i = 0, n - 1 do x = (x * 16807) % 2147483647; v[i] = x end
  local function sort(low, high)
    while low < high do
      local pivot, i, j = v[math.floor((low + high) / 2)], low, high
      repeat
        while v[i] < pivot do i = i + 1 end
        while pivot < v[j] do j = j - 1 end
        if i <= j then v[i], v[j] = v[j], v[i]; i = i + 1; j = j - 1 end
      until i > j
      if j - low < high - i then sort(low, j); low = i else sort(i, high); high = j end
    end
  end
  sort(0, n - 1)
  return v[n - 1]
end
local best = math.huge
for _ = 1, 3 do
  local start = os.clock()
  run[arg[1]](tonumber(arg[2]))
  best = math.min(best, os.clock() - start)
end
print(best)
